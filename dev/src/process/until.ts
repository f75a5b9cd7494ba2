/**
 * Waits until a condition holds and returns what it returned. Polls; never sleeps longer than `every`.
 * @param condition anything truthy ends the wait; what it throws ends it too
 * @param what completes the error's sentence "waited 10 s for ..."
 * @param options within: bound in ms (10,000); every: pause between two tries in ms (25)
 * @throws Error when the bound is reached
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  what: string,
  { within = 10_000, every = 25 }: { within?: number; every?: number } = {},
): Promise<T> {
  const deadline = Date.now() + within
  for (;;) {
    const value = await condition()
    if (value) return value
    if (Date.now() >= deadline) throw new Error(`waited ${within / 1000} s for ${what}`)
    await new Promise(resolve => setTimeout(resolve, every))
  }
}

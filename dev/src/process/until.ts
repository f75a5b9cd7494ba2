/**
 * Polls a condition until it is truthy, and returns its value.
 * @param condition a truthy value or an error ends the wait
 * @param what completes the error message "waited 10 s for ..."
 * @param options within: limit in ms (10,000); every: pause between attempts in ms (25)
 * @throws Error when the limit is reached
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

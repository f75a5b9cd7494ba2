/**
 * Sends requests at a rate for some seconds, independent of the responses; resolves when all have ended, with their number. Count a
 * latency from the time at which a request was due, even if it was sent late ("coordinated omission").
 * Rejects with the first rejection.
 *
 * @param send sends one that is due at a time of `performance.now()`
 */
export async function openLoop(
  rate: number,
  seconds: number,
  send: (due: number, index: number) => Promise<void>,
): Promise<number> {
  const underWay = new Set<Promise<void>>()
  const failures: unknown[] = []
  const count = Math.round(rate * seconds)
  const started = performance.now()
  for (let index = 0; index < count; index++) {
    const due = started + (index * 1000) / rate
    const early = due - performance.now()
    if (early > 0) await new Promise(resolve => setTimeout(resolve, early))
    const sending = send(due, index)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => underWay.delete(sending))
    underWay.add(sending)
  }
  await Promise.all(underWay)
  if (failures.length > 0) throw failures[0]
  return count
}

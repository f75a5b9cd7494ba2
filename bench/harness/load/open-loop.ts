/**
 * So many requests a second for so long, whatever becomes of them; resolves when all have ended, with their number. A latency is to
 * be counted from the moment at which a request was due: that it could not be sent in time is no excuse ("coordinated omission").
 * Rejects with the first that rejects.
 *
 * @param send sends one, due at a moment of `performance.now()`
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

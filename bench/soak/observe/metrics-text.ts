/** The sum of a metric's series in Prometheus' text format; `undefined` without any. */
export function metricSum(text: string, name: string): number | undefined {
  let sum: number | undefined
  for (const [, value] of text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))) {
    sum = (sum ?? 0) + Number(value)
  }
  return sum
}

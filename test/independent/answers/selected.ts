/** One value, or several, of which any will do. */
export type Several = string | string[] | undefined

export function isOneOf(value: string, wanted: Several): boolean {
  return wanted === undefined || [wanted].flat().includes(value)
}

/** Whether all of the labels, `key=value`, are among those of a deployment. */
export function hasLabels(facts: Record<string, unknown>, wanted: string[] | undefined): boolean {
  const labels = (facts['labels'] ?? {}) as Record<string, string>
  const own = Object.entries(labels).map(([key, value]) => `${key}=${value}`)
  return (wanted ?? []).every(label => own.includes(label))
}

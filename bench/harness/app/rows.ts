/** Throws unless the counts are as expected. */
export function expectRows(where: string, counted: Record<string, number>, expected: Record<string, number>): void {
  const wrong = Object.keys(expected).filter(name => counted[name] !== expected[name])
  if (wrong.length === 0) return
  const differences = wrong.map(name => `${name}: ${counted[name]} instead of ${expected[name]}`)
  throw new Error(`${where} has unexpected counts: ${differences.join(', ')}`)
}

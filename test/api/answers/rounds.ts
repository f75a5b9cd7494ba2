import type { Findings } from './asking.js'

/** One is under way while the recomputation looks at the other; more would wait for the same processors. */
const AT_ONCE = 2

/**
 * Asks questions, two at a time, until some were answered wrong.
 * @param question draws its random numbers before it waits for anything, so that the same are asked each time
 */
export async function askInRounds(rounds: number, question: () => Promise<Findings>): Promise<Findings> {
  const findings: Findings = []
  let left = rounds
  const ask = async () => {
    while (left-- > 0 && findings.length < 5) findings.push(...(await question()))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, ask))
  return findings
}

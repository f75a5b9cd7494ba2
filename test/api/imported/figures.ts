import { writeSync } from 'node:fs'
import type { HttpAnswer } from '../../kit/index.js'

/** Prints a figure where a test's console output would bury it in stacks. */
export function print(line: string): void {
  writeSync(2, `  ${line}\n`)
}

/** Sends one request after another, and says how long they took, in ms. Throws where one is not answered with 200. */
export async function latencies(
  count: number,
  send: () => Promise<HttpAnswer>,
): Promise<{ p50: number; p99: number; slowest: number }> {
  const took: number[] = []
  for (let n = 0; n < count; n++) {
    const since = performance.now()
    const { status, text } = await send()
    took.push(performance.now() - since)
    if (status !== 200) throw new Error(`${status} ${text}`)
  }
  const ordered = took.toSorted((a, b) => a - b)
  const at = (share: number) => ordered[Math.min(count - 1, Math.floor(count * share))]!
  return { p50: at(0.5), p99: at(0.99), slowest: ordered.at(-1)! }
}

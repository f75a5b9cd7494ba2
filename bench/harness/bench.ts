import type { Result } from './report.js'
import type { Servers } from './servers.js'

/** What a benchmark works with. */
export interface Bench {
  servers: Servers
  /** Rounds that count. */
  rounds: number
  /** Only to see that it works: short rounds, small data. */
  quick: boolean
  /** Also what takes long: tables of ten million rows. */
  large: boolean
  /** For whoever watches. */
  say(line: string): void
}

export type Benchmark = (bench: Bench) => Promise<Result>

import type { Result } from './report.js'
import type { Servers } from '../system/servers.js'

/** What a benchmark works with. */
export interface Bench {
  servers: Servers
  /** Rounds that count. */
  rounds: number
  /** Only to see that it works: short rounds, small data. */
  quick: boolean
  /** Also what takes long: tables of ten million rows. */
  large: boolean
  /** Deployments that the answers are asked of, where it is said. */
  rows?: number
  /** Events of the log that is made up for a rebuild, where it is said. */
  events?: number
  /** Parts of names of shapes. */
  shapes?: string[]
  /** For whoever watches. */
  say(line: string): void
}

export type Benchmark = (bench: Bench) => Promise<Result>

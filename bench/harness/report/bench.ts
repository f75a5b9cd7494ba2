import type { Result } from './report.js'
import type { Servers } from '../system/servers.js'

/** The environment and options of a benchmark. */
export interface Bench {
  servers: Servers
  /** Rounds that count. */
  rounds: number
  /** Only a check that it works: short rounds, small data. */
  quick: boolean
  /** Also slow parts: tables of ten million rows. */
  large: boolean
  /** Number of deployments to query, if given. */
  rows?: number
  /** Number of events in the generated log of a rebuild, if given. */
  events?: number
  /** Parts of names of shapes. */
  shapes?: string[]
  /** Reports progress. */
  say(line: string): void
}

export type Benchmark = (bench: Bench) => Promise<Result>

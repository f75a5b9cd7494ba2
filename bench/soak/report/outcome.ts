import type { Counts } from '../observe/production.js'
import type { TrafficFigures } from '../load/traffic.js'
import type { Sample } from '../observe/sampler.js'

/** What the machine can do, as the closed loop found it. */
export interface Peak {
  callers: number
  seconds: number
  traffic: TrafficFigures
  /** Seconds until everything was projected afterwards; `undefined`: it was not. */
  settled: number | undefined
}

/** All that a soak brought to light. */
export interface Outcome {
  machine: string[]
  seconds: number
  rate: number
  peak?: Peak
  samples: Sample[]
  minutes: TrafficFigures[]
  whole: TrafficFigures
  failures: ReadonlyMap<string, number>
  warnings: string[]
  /** The same after the last answer. */
  settled: number | undefined
  /** CPU seconds by process. */
  cpu: Record<string, number | undefined>
  /** By the answers, over the whole life. */
  expected: Counts
  /** Writes without the expected answer: each may have left something or not. */
  unknown: number
  counted: Counts
}

import type { Counts } from '../observe/production.js'
import type { TrafficFigures } from '../load/traffic.js'
import type { Sample } from '../observe/sampler.js'

/** The peak of the machine, measured by the closed loop. */
export interface Peak {
  callers: number
  seconds: number
  traffic: TrafficFigures
  /** Seconds until everything was projected afterwards; `undefined` if it was not. */
  settled: number | undefined
}

/** The results of a soak test. */
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
  /** The same after the last response. */
  settled: number | undefined
  /** CPU seconds by process. */
  cpu: Record<string, number | undefined>
  /** By the responses, since the start. */
  expected: Counts
  /** Writes without the expected response, which may have left rows or not. */
  unknown: number
  counted: Counts
}

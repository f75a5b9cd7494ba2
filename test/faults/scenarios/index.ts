import type { Scenario } from '../scenario.js'
import { foreignRecords } from './foreign-records.js'
import { fullDisk } from './full-disk.js'
import { threeBrokers } from './three-brokers.js'

/** The faults that need a world of their own. */
export const scenarios: Scenario[] = [threeBrokers, fullDisk, foreignRecords]

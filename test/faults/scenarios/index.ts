import type { Scenario } from '../scenario.js'
import { foreignRecords } from './foreign-records.js'
import { fullDisk } from './full-disk.js'
import { threeBrokers } from './three-brokers.js'

/** Every fault that needs a world of its own. */
export const scenarios: Scenario[] = [threeBrokers, fullDisk, foreignRecords]

import type { Scenario } from './scenario.js'
import { foreignRecords } from './foreign-records.js'
import { fullDisk } from './full-disk.js'
import { threeBrokers } from './three-brokers.js'

/** The faults that need a world of their own. One that breaks off is a finding, like anything else that is wrong. */
export const scenarios: Scenario[] = [threeBrokers, fullDisk, foreignRecords].map(scenario => ({
  ...scenario,
  run: context =>
    scenario.run(context).catch((error: Error) => ({
      injected: 0,
      acked: 0,
      lost: [],
      doubled: [],
      outOfOrder: [],
      other: [`it broke off: ${error.message}`],
    })),
}))

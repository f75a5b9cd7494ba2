import { randomUUID } from 'node:crypto'
import { PARTITIONS } from '#libs/event-log'
import type { Sample, Subject } from '../harness/report/rounds.js'
import type { Servers } from '../harness/system/servers.js'
import type { RecordedLog } from './rebuilder.js'

/** Reads the log from start to end without processing it. */
export function logAlone(name: string, servers: Servers, { topic, counts }: RecordedLog): Subject {
  const events = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const round = async (): Promise<Sample> => {
    const log = servers.log(topic)
    const started = performance.now()
    let [read, ended] = [0, started]
    const crashed = new AbortController()
    const reader = await log.read({
      group: `bench-${randomUUID()}`,
      from: () => 0,
      concurrency: PARTITIONS,
      async onBatch({ records }) {
        read += records.length
        ended = performance.now()
      },
      onCrash: error => crashed.abort(error),
    })
    try {
      await reader.caughtUp(await log.endOffsets(), crashed.signal)
    } finally {
      await reader.stop()
      await log.close()
    }
    if (read !== events) throw new Error(`the log has ${read} events instead of ${events}`)
    return { events, seconds: (ended - started) / 1000 }
  }
  return { name, round }
}

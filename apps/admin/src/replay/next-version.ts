import { EventLog } from '#libs/event-log'
import { Rebuild, type Model, type RebuildOptions } from '#libs/read-models'
import { count, logger, report } from '../process/output.js'
import { Progress } from '../process/progress.js'
import type { Servers } from '../process/servers.js'
import { printComparison } from './comparison.js'
import { eventsIn, LogReplay } from './log-replay.js'

/** At most so many events are replayed while projectors wait for the comparison. */
const NEAR = 500

/** A next version of the read models, and the replay of the log into it. */
export interface NextVersion {
  eventLog: EventLog
  rebuild: Rebuild
  replay: LogReplay
}

/** Creates the next version's tables, replays the log into them while `work` runs, and closes everything. */
export async function buildNextVersion<T>(
  servers: Servers,
  options: Pick<RebuildOptions, 'schema' | 'anew'>,
  signal: AbortSignal,
  work: (next: NextVersion) => Promise<T>,
): Promise<T> {
  const { databaseUrl, kafkaBrokers: brokers, topic } = servers
  const lost = new AbortController()
  const onLost = (error: Error) => lost.abort(error)
  const eventLog = new EventLog({ brokers, topic, clientId: 'shiplog-admin', logger })
  const rebuild = await Rebuild.begin({ databaseUrl, logger, onLost, ...options })
  let replay: LogReplay | undefined
  try {
    if (rebuild.resumed)
      report(`Resuming the interrupted rebuild at event ${count(eventsIn(await rebuild.nextPositions()))}.`)
    replay = await LogReplay.start(eventLog, rebuild, AbortSignal.any([signal, lost.signal]))
    return await work({ eventLog, rebuild, replay })
  } finally {
    await replay?.stop()
    await rebuild.end()
    await eventLog.close()
  }
}

/** Replays until the next version is near the live one, and reports the progress. */
export async function catchUp({ rebuild, replay }: NextVersion): Promise<void> {
  let live = await rebuild.livePositions()
  const progress = new Progress(replay, eventsIn(live))
  try {
    do {
      await replay.until(live)
      live = await rebuild.livePositions()
    } while (eventsIn(live) - replay.events > NEAR)
  } finally {
    progress.end()
  }
}

/** Compares models at one position and prints the result. True: they are equal. */
export async function compare({ rebuild, replay }: NextVersion, models: readonly Model[]): Promise<boolean> {
  const since = performance.now()
  const tables = await rebuild.compare(models, positions => replay.until(positions))
  report(`Compared at event ${count(replay.events)} in ${((performance.now() - since) / 1000).toFixed(1)} s.`)
  return printComparison(tables)
}

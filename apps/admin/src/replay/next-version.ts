import { EventLog } from '#libs/event-log'
import { Rebuild, type Model, type RebuildOptions } from '#libs/read-models'
import { showComparison } from './comparison.js'
import { eventsIn, Fold } from './log-replay.js'
import { count, logger, tell } from '../process/output.js'
import { Progress } from '../process/progress.js'
import type { Servers } from '../process/servers.js'

/** So few events are folded while the live read models wait. */
const NEAR = 500

/** A next version that is being built: its tables, and the fold of the log into them. */
export interface Building {
  eventLog: EventLog
  rebuild: Rebuild
  fold: Fold
}

/** Makes the next version's tables, has the log folded into them for as long as `work` goes on, and closes everything. */
export async function building<T>(
  servers: Servers,
  options: Pick<RebuildOptions, 'schema' | 'anew'>,
  signal: AbortSignal,
  work: (building: Building) => Promise<T>,
): Promise<T> {
  const { databaseUrl, kafkaBrokers: brokers, topic } = servers
  const lost = new AbortController()
  const onLost = (error: Error) => lost.abort(error)
  const eventLog = new EventLog({ brokers, topic, clientId: 'shiplog-cli', logger })
  const rebuild = await Rebuild.begin({ databaseUrl, logger, onLost, ...options })
  let fold: Fold | undefined
  try {
    if (rebuild.resumed)
      tell(`Going on with what was built before, at event ${count(eventsIn(await rebuild.nextPositions()))}.`)
    fold = await Fold.start(eventLog, rebuild, AbortSignal.any([signal, lost.signal]))
    return await work({ eventLog, rebuild, fold })
  } finally {
    await fold?.stop()
    await rebuild.end()
    await eventLog.close()
  }
}

/** Folds until the next version is near the live one, telling how far it is. */
export async function catchUp({ rebuild, fold }: Building): Promise<void> {
  let live = await rebuild.livePositions()
  const progress = new Progress(fold, eventsIn(live))
  try {
    do {
      await fold.reach(live)
      live = await rebuild.livePositions()
    } while (eventsIn(live) - fold.events > NEAR)
  } finally {
    progress.end()
  }
}

/** Compares models at one position and shows what it finds; says whether they are equal. */
export async function compare({ rebuild, fold }: Building, models: readonly Model[]): Promise<boolean> {
  const since = performance.now()
  const tables = await rebuild.compare(models, positions => fold.reach(positions))
  tell(`Compared at event ${count(fold.events)} in ${((performance.now() - since) / 1000).toFixed(1)} s.`)
  return showComparison(tables)
}

import {
  type DeploymentRecord,
  finishOf,
  isRejection,
  normalizeInstant,
  type Rejection,
  type RemoveDeployment,
  streamIdOf,
} from '#libs/contracts'
import {
  activeIndex,
  deployment,
  type Deployment,
  nothingActive,
  type RemovalPlace,
  rolledBackIndex,
  slotKeysOf,
  tooManyToExamine,
} from '#libs/domain'
import { type IndexedStream, laterFirst, type StreamIndex } from '#libs/ledger'
import { type Receipt, removeDeployment, type RemoveDeploymentBody } from './deployment-commands.js'
import { pipelineOf } from './find-rollback.js'

/** Limit of the deployments that are examined for one removal in the past. */
const MOST_EXAMINED = 1000
/** Number of states that are in memory at once: each has up to 1 MiB. */
const AT_ONCE = 16

interface RemovalTarget {
  streamId: string
  command: RemoveDeployment
}

/**
 * Finds the deployment that a removal by application and environment concerns: the active one; with `removedAt` the one that was active
 * then, by the definition of the read models. Runs in the transaction that decides.
 */
export async function findActive(
  index: StreamIndex,
  place: RemovalPlace,
  { body, receipt }: { body: RemoveDeploymentBody; receipt: Receipt },
): Promise<RemovalTarget | Rejection> {
  const { tenant } = receipt
  const slots = slotKeysOf(await pipelineOf(index, tenant), place)
  const { removedAt } = body
  const found =
    removedAt === undefined
      ? (await index.latest(activeIndex, slots, 1))[0]?.streamId
      : await activeAt(index, { place, slots, at: Date.parse(normalizeInstant(removedAt)) })
  if (found === undefined) return nothingActive(place, removedAt)
  if (typeof found !== 'string') return found
  const id = found.slice(streamIdOf(deployment.category, tenant, '').length)
  return { streamId: found, command: removeDeployment(id, body, receipt) }
}

interface Moment {
  place: RemovalPlace
  slots: string[]
  /** Milliseconds since 1970. */
  at: number
}

/** The latest success by start that had finished at a time, and was not rolled back by then. */
async function activeAt(index: StreamIndex, moment: Moment): Promise<string | Rejection | undefined> {
  const { at } = moment
  const hasFinished = (record: DeploymentRecord) => Date.parse(finishOf(record)) <= at
  const standing = await latestWhere(index, activeIndex, moment, hasFinished)
  if (standing && isRejection(standing)) return standing
  const marked = await latestWhere(
    index,
    rolledBackIndex,
    moment,
    record => hasFinished(record) && record.rolledBackAt !== undefined && Date.parse(record.rolledBackAt) > at,
    standing,
  )
  if (marked && isRejection(marked)) return marked
  return (marked ?? standing)?.streamId
}

/** The latest stream under a name, started by the time, that fulfils a condition. @param after only streams that started later */
async function latestWhere(
  index: StreamIndex,
  name: string,
  { place, slots, at }: Moment,
  holds: (record: DeploymentRecord) => boolean,
  after?: IndexedStream,
): Promise<IndexedStream | Rejection | undefined> {
  const rank = new Date(at).toISOString()
  let examined = 0
  for (const limit of [AT_ONCE, MOST_EXAMINED]) {
    const streams = await index.latestUntil(name, slots, rank, limit)
    for (; examined < streams.length; examined += AT_ONCE) {
      const part = streams.slice(examined, examined + AT_ONCE)
      const states = await index.states<Deployment>(part.map(({ streamId }) => streamId))
      for (const stream of part) {
        if (after && laterFirst(after, stream) < 0) return undefined
        const state = states.get(stream.streamId)
        if (state?.state === 'recorded' && holds(state.record)) return stream
      }
    }
    if (streams.length < limit) return undefined
  }
  return tooManyToExamine(place, MOST_EXAMINED)
}

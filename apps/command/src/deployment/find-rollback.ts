import {
  type DeploymentRecord,
  type Pipeline,
  type Rejection,
  resolveEnvironment,
  type RollBackDeployment,
  streamIdOf,
} from '#libs/contracts'
import {
  alreadyRolledBack,
  attemptIndex,
  slotKeyPrefix,
  chooseByTag,
  deployment,
  type Deployment,
  slotKeysOf,
  neverSucceeded,
  pipeline,
  type PipelineSettings,
  parseSlotKey,
  activeIndex,
  pipelineStream,
  severalTagged,
  removedIndex,
  successIndex,
  type TaggedSlot,
  type TagSelection,
  tooManySlots,
  tooManyToMark,
  unknownTag,
} from '#libs/domain'
import { type IndexedStream, laterFirst, type StreamIndex } from '#libs/ledger'
import { type Receipt, rollBackDeployment, type RollBackDeploymentBody } from './deployment-commands.js'

/** Limit of the slots of one tag that are read. */
const MOST_SLOTS = 1000
/** Limit of the candidates that a rejection lists. */
const MOST_LISTED = 100
/** Limits of the deployments that one decision marks, and of their events: these are one Kafka transaction. */
const MOST_MARKED = 1000
const MOST_EVENT_BYTES = 4 * 1024 * 1024
/** Bytes of an event without its reason, at most. */
const EVENT_BYTES = 512
/** Limit of the states that one decision locks, in bytes: they are held in memory. */
const MOST_STATE_BYTES = 16 * 1024 * 1024
/** First read of a span: nearly every tag is deployed only a few times in a row. */
const FEW = 16

/** The deployment to mark, and the streams of the span that the same decision marks. */
interface RollbackTarget {
  streamId: string
  command: RollBackDeployment
  contextStreams?: string[]
}

export interface RollbackRequest {
  body: RollBackDeploymentBody
  receipt: Receipt
}

/** Finds the deployment that a rollback by tag marks. Runs in the transaction that decides. */
export async function findTagged(
  index: StreamIndex,
  selection: TagSelection,
  request: RollbackRequest,
): Promise<RollbackTarget | Rejection> {
  const own = await pipelineOf(index, request.receipt.tenant)
  const slots = await taggedSlots(index, own, selection)
  if (!Array.isArray(slots)) return slots
  const choice = chooseByTag(slots)
  switch (choice.kind) {
    case 'rolled back':
      return alreadyRolledBack((await recordsOf(index, [choice.streamId]))[0]!)
    case 'several': {
      const listed = await recordsOf(index, choice.streamIds.slice(0, MOST_LISTED))
      return severalTagged(selection, listed, choice.streamIds.length)
    }
    case 'one': {
      const [record] = await recordsOf(index, [choice.streamId])
      return choice.isActive ? withSpan(index, own, record!, request) : targetOf(record!, request)
    }
    default:
      return choice satisfies never
  }
}

/** Finds the streams that a rollback by id marks: if the deployment is active, the span of its tag too. Runs in the transaction that decides. */
export async function findById(
  index: StreamIndex,
  deploymentId: string,
  request: RollbackRequest,
): Promise<RollbackTarget | Rejection> {
  const alone = targetOf({ id: deploymentId }, request)
  const found = await index.state<Deployment>(alone.streamId)
  if (found?.state !== 'recorded') return alone
  const own = await pipelineOf(index, request.receipt.tenant)
  const [active] = await index.latest(activeIndex, slotKeysOf(own, found.record), 1)
  return active?.streamId === alone.streamId ? withSpan(index, own, found.record, request) : alone
}

/**
 * The active deployment and the other successes of its span: the preceding ones with the same tag, up to the first with another tag, or
 * that was removed: nothing is active after that one. Deployments that are already rolled back neither belong to the span nor end it.
 */
async function withSpan(
  index: StreamIndex,
  own: Pipeline,
  record: DeploymentRecord,
  request: RollbackRequest,
): Promise<RollbackTarget | Rejection> {
  const reasonBytes = Buffer.byteLength(request.body.reason ?? '')
  const most = Math.min(MOST_MARKED, Math.floor(MOST_EVENT_BYTES / (EVENT_BYTES + reasonBytes)))
  const target = targetOf(record, request)
  for (const limit of [FEW, most + 1]) {
    const latest = await index.latest(activeIndex, slotKeysOf(own, record), limit)
    const isOther = ({ names }: IndexedStream) =>
      !names.includes(successIndex(record.imageTag)) || names.includes(removedIndex)
    const end = latest.findIndex(isOther)
    if (end < 0 && latest.length === limit) continue
    const others = (end < 0 ? latest : latest.slice(0, end)).map(({ streamId }) => streamId).slice(1)
    if (others.length === 0) return target
    if ((await index.bytes(others)) > MOST_STATE_BYTES) break
    // Their events are appended in the order of their starts.
    return { ...target, contextStreams: others.toReversed() }
  }
  return tooManyToMark(record, most)
}

async function taggedSlots(
  index: StreamIndex,
  own: Pipeline,
  selection: TagSelection,
): Promise<TaggedSlot[] | Rejection> {
  const { imageTag } = selection
  const succeeded = await slotsOf(index, own, selection, successIndex(imageTag))
  if (!succeeded) return tooManySlots(selection, MOST_SLOTS)
  if (succeeded.length === 0) {
    const attempted = await slotsOf(index, own, selection, attemptIndex(imageTag))
    return attempted?.length === 0 ? unknownTag(selection) : neverSucceeded(selection)
  }
  // Under each name of the environment: the deployment that replaced the tag may have been reported under another alias.
  const all = new Set(succeeded.flatMap(slot => slotKeysOf(own, parseSlotKey(slot))))
  const active = latestBySlot(own, await index.latestOfEach(activeIndex, [...all]))
  const latest = latestBySlot(own, await index.latestOfEach(successIndex(imageTag), succeeded))
  return [...latest]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([slot, { streamId, names }]): TaggedSlot => {
      const activeStream = active.get(slot)
      const hasTag = activeStream?.names.includes(successIndex(imageTag)) && !activeStream.names.includes(removedIndex)
      return {
        ...(activeStream && hasTag && { active: activeStream.streamId }),
        latest: streamId,
        isRolledBack: !names.includes(activeIndex),
      }
    })
}

/** The slots of an index entry that match a selection; `undefined`: too many. */
async function slotsOf(
  index: StreamIndex,
  own: Pipeline,
  { application, environment }: TagSelection,
  name: string,
): Promise<string[] | undefined> {
  const slots = await index.groupKeys(name, slotKeyPrefix(application), MOST_SLOTS + 1)
  if (slots.length > MOST_SLOTS) return undefined
  if (environment === undefined) return slots
  const wanted = resolveEnvironment(own, environment)
  return slots.filter(slot => resolveEnvironment(own, parseSlotKey(slot).environment) === wanted)
}

function latestBySlot(own: Pipeline, streams: IndexedStream[]): Map<string, IndexedStream> {
  const slots = new Map<string, IndexedStream>()
  for (const stream of streams.toSorted(laterFirst)) {
    const { application, environment } = parseSlotKey(stream.groupKey)
    const slot = JSON.stringify([application, resolveEnvironment(own, environment)])
    if (!slots.has(slot)) slots.set(slot, stream)
  }
  return slots
}

async function recordsOf(index: StreamIndex, streamIds: string[]): Promise<DeploymentRecord[]> {
  const states = await index.states<Deployment>(streamIds)
  return streamIds.flatMap(streamId => {
    const state = states.get(streamId)
    return state?.state === 'recorded' ? [state.record] : []
  })
}

/** The pipeline of a tenant. */
export async function pipelineOf(index: StreamIndex, tenant: string): Promise<Pipeline> {
  return ((await index.state<PipelineSettings>(pipelineStream(tenant))) ?? pipeline.initial).pipeline
}

function targetOf({ id }: Pick<DeploymentRecord, 'id'>, { body, receipt }: RollbackRequest): RollbackTarget {
  return {
    streamId: streamIdOf(deployment.category, receipt.tenant, id),
    command: rollBackDeployment(id, body, receipt),
  }
}

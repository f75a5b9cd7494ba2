import { isRejection, type Rejection, type RollBackDeployment } from '#libs/contracts'
import {
  chooseByTag,
  type Deployment,
  namesOfPlace,
  pipeline,
  type PromotionRules,
  runningIndex,
  rulesStream,
  tagIndex,
  type TagSelection,
} from '#libs/domain'
import type { StreamIndex } from '#libs/ledger'
import { rollBackDeployment, type Receipt, type RollBackDeploymentBody } from './deployment-commands.js'

/** Finds the one deployment that "roll back this tag" means; runs inside the transaction that decides. */
export async function findTagged(
  index: StreamIndex,
  tenant: string,
  selection: TagSelection,
  body: RollBackDeploymentBody,
  receipt: Receipt,
): Promise<{ streamId: string; command: RollBackDeployment } | Rejection> {
  const rules = (await index.state<PromotionRules>(rulesStream(tenant))) ?? pipeline.initial
  const tagged = (await index.latestOfEachPlace<Deployment>(tagIndex(selection.imageTag))).flatMap(
    ({ streamId, state }) => (state.state === 'recorded' ? [{ streamId, record: state.record }] : []),
  )
  const streamOf = new Map(tagged.map(({ streamId, record }) => [record.id, streamId]))
  const running = new Set<string>()
  for (const { streamId, record } of tagged) {
    const latest = await index.latest(runningIndex, namesOfPlace(rules.pipeline, record))
    if (latest?.streamId === streamId) running.add(record.id)
  }
  const records = tagged.map(({ record }) => record)
  const chosen = chooseByTag(selection, rules.pipeline, records, ({ id }) => running.has(id))
  if (isRejection(chosen)) return chosen
  const streamId = streamOf.get(chosen.id)
  if (streamId === undefined) throw new Error(`the index has no stream of deployment ${chosen.id}`)
  return { streamId, command: rollBackDeployment(chosen.id, body, receipt) }
}

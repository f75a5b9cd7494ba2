import {
  type CheckedContent,
  promotionActions,
  type PromotionRequest,
  refuse,
  type ValidatePromotion,
} from '#libs/contracts'
import {
  type Configuration,
  configuration,
  contentOf,
  globSelection,
  pipeline,
  type Promotion,
  type PromotionContext,
  type PipelineSettings,
  promotionStreams,
  pipelineStream,
  standingOf,
  valueCheck,
  withCutOff,
  withValueFindings,
} from '#libs/domain'
import { CheckCutOff, type CheckTurn } from '#libs/key-schemas'
import type { StreamSnapshot } from '#libs/ledger'
import type { TenantChecks } from '../pipeline/tenant-checks.js'
import { promotionStream, type PromotionTarget } from './promotion-target.js'

/**
 * Prepares a validation: collects the content of the promotion and its findings. The duration depends on the tenant's globs, schemas and
 * data, so this runs before the transaction that decides.
 */
export function validationTarget(tenant: string, command: ValidatePromotion, checks: TenantChecks): PromotionTarget {
  const streamId = promotionStream(tenant, command.promotionId)
  const deadline = checks.deadline()
  return {
    prepare: streams =>
      checks.turn(tenant, deadline, async turn => {
        const pipelineStreamId = pipelineStream(tenant)
        const states = await streams.states([streamId, pipelineStreamId])
        const promotion = states.get(streamId) as Promotion | undefined
        if (!promotion || promotion.state === 'ABSENT') {
          return refuse('not-found', `promotion ${command.promotionId} does not exist`)
        }
        const target = { streamId, contextStreams: [pipelineStreamId] }
        const settings = (states.get(pipelineStreamId) as PipelineSettings | undefined) ?? pipeline.initial
        const allowed: readonly string[] = promotionActions.validate
        const { state } = standingOf(promotion, settings.pipeline, command.by)
        if (!allowed.includes(state)) return { ...target, command }
        const context = await contextOf(tenant, promotion, settings, streams)
        return { ...target, command: { ...command, checked: await check(promotion.request, context, turn) } }
      }),
  }
}

async function contextOf(
  tenant: string,
  promotion: Exclude<Promotion, { state: 'ABSENT' }>,
  settings: PipelineSettings,
  streams: StreamSnapshot,
): Promise<PromotionContext> {
  const { source, target } = promotionStreams(tenant, promotion, settings)
  const states = await streams.states([...new Set([source, target])])
  const configurationOf = (id: string) => (states.get(id) as Configuration | undefined) ?? configuration.initial
  return { tenant, source: configurationOf(source), target: configurationOf(target), settings }
}

async function check(request: PromotionRequest, context: PromotionContext, turn: CheckTurn): Promise<CheckedContent> {
  const { globs, keys } = globSelection(request, context)
  const selected = await orCutOff(turn.select(globs, keys))
  if (selected instanceof CheckCutOff) {
    const nothing = { content: [], contentHash: '', findings: [] }
    return withCutOff(nothing, `selecting keys by \`keyPatterns\` ${selected.message}: send fewer or simpler patterns`)
  }
  const content = contentOf(request, context, selected)
  const inputs = valueCheck(content.content, context.settings)
  const found = await orCutOff(turn.values(inputs.schemas, inputs.entries))
  if (!(found instanceof CheckCutOff)) return withValueFindings(content, inputs, found)
  const { pattern = '' } = inputs.schemas[found.schema ?? -1] ?? {}
  return withCutOff(
    content,
    `checking values against the key schemas ${found.message}; the check stopped at the schema of ${pattern}: simplify it`,
  )
}

function orCutOff<T>(check: Promise<T>): Promise<T | CheckCutOff> {
  return check.catch((error: unknown) => {
    if (error instanceof CheckCutOff) return error
    throw error
  })
}

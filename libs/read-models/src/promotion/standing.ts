import { defaultPipeline, equalJson, type Json, type Pipeline } from '#libs/contracts'
import { standingOf, type ExistingPromotion } from '#libs/domain'
import { rowSet, statement, type Query } from '#libs/postgres'

/** The members of a promotion that differ by the current pipeline from its own events. */
export type Standing = Pick<ExistingPromotion, 'state' | 'quorum' | 'findings'>

/** The state by the current pipeline; `undefined` if its own events determine it. */
export function standingBy(promotion: ExistingPromotion, pipeline: Pipeline): Standing | undefined {
  const { state, quorum, findings } = standingOf(promotion, pipeline)
  const isSame = state === promotion.state && quorum === promotion.quorum && findings === promotion.findings
  return isSame ? undefined : { state, ...(quorum !== undefined && { quorum }), findings }
}

/** The pipelines of tenants for evaluating promotions: their own, else the default one. */
export async function pipelinesOf(query: Query, tenants: readonly string[]): Promise<(tenant: string) => Pipeline> {
  const text = 'SELECT tenant, pipeline FROM tenant_pipeline WHERE tenant = ANY ($tenants) AND pipeline IS NOT NULL'
  const rows = await query<{ tenant: string; pipeline: Pipeline }>(
    statement('pipelines of promotions', text, { tenants: [...new Set(tenants)] }, { plan: 'once' }),
  )
  const known = new Map(rows.map(({ tenant, pipeline }) => [tenant, pipeline]))
  return tenant => known.get(tenant) ?? defaultPipeline
}

interface OpenRow {
  tenant: string
  promotion: ExistingPromotion
  standing: Standing | null
}

/** Recomputes the state of promotions that wait for approval or execution, of tenants whose pipelines have changed. */
export async function refreshStandings(query: Query, tenants: readonly string[]): Promise<void> {
  if (tenants.length === 0) return
  const rows = await query<OpenRow>(statement('open promotions', OPEN, { tenants }, { plan: 'once' }))
  const pipelineOf = await pipelinesOf(query, tenants)
  const changed = rows
    .map(({ tenant, promotion, standing }) => ({
      tenant,
      promotion,
      standing,
      now: standingBy(promotion, pipelineOf(tenant)),
    }))
    .filter(({ standing, now }) => !equalJson(standing as Json, (now ?? null) as Json))
  if (changed.length === 0) return
  await query(statement('refresh standings', REFRESH, changedStandings.values(changed), { plan: 'once' }))
}

const changedStandings = rowSet<{ tenant: string; promotion: ExistingPromotion; now?: Standing }>('changed', [
  { name: 'tenant', type: 'text', value: ({ tenant }) => tenant },
  { name: 'promotion_id', type: 'uuid', value: ({ promotion }) => promotion.id },
  { name: 'state', type: 'text', value: ({ promotion, now }) => (now ?? promotion).state },
  { name: 'standing', type: 'json', value: ({ now }) => now && JSON.stringify(now) },
])

const OPEN = `
  SELECT tenant, promotion, standing FROM promotion
  WHERE tenant = ANY ($tenants) AND (state IN ('VALIDATED', 'APPROVED') OR standing IS NOT NULL)`

const REFRESH = `
  UPDATE promotion p SET state = changed.state, standing = changed.standing
  FROM ${changedStandings.sql}
  WHERE p.tenant = changed.tenant AND p.promotion_id = changed.promotion_id`

import { defaultPipeline, equalJson, type Json, type Pipeline } from '#libs/contracts'
import { standingOf, type ExistingPromotion } from '#libs/domain'
import type { ClientBase } from 'pg'
import { plainArray, textArray } from '#libs/postgres'

/** The members of a promotion that differ by the current pipeline from its own events. */
export type Standing = Pick<ExistingPromotion, 'state' | 'quorum' | 'findings'>

/** The state by the current pipeline; `undefined` if its own events determine it. */
export function standingBy(promotion: ExistingPromotion, pipeline: Pipeline): Standing | undefined {
  const { state, quorum, findings } = standingOf(promotion, pipeline)
  const isSame = state === promotion.state && quorum === promotion.quorum && findings === promotion.findings
  return isSame ? undefined : { state, ...(quorum !== undefined && { quorum }), findings }
}

/** The pipelines of tenants for evaluating promotions: their own, else the default one. */
export async function pipelinesOf(
  connection: ClientBase,
  tenants: readonly string[],
): Promise<(tenant: string) => Pipeline> {
  const { rows } = await connection.query<{ tenant: string; pipeline: Pipeline }>({
    name: 'pipelines of promotions',
    text: 'SELECT tenant, pipeline FROM tenant_pipeline WHERE tenant = ANY ($1) AND pipeline IS NOT NULL',
    values: [[...new Set(tenants)]],
  })
  const known = new Map(rows.map(({ tenant, pipeline }) => [tenant, pipeline]))
  return tenant => known.get(tenant) ?? defaultPipeline
}

interface OpenRow {
  tenant: string
  promotion: ExistingPromotion
  standing: Standing | null
}

/** Recomputes the state of promotions that wait for approval or execution, of tenants whose pipelines have changed. */
export async function refreshStandings(connection: ClientBase, tenants: readonly string[]): Promise<void> {
  if (tenants.length === 0) return
  const { rows } = await connection.query<OpenRow>({ name: 'open promotions', text: OPEN, values: [tenants] })
  const pipelineOf = await pipelinesOf(connection, tenants)
  const changed = rows
    .map(({ tenant, promotion, standing }) => ({
      tenant,
      promotion,
      standing,
      now: standingBy(promotion, pipelineOf(tenant)),
    }))
    .filter(({ standing, now }) => !equalJson(standing as Json, (now ?? null) as Json))
  if (changed.length === 0) return
  const values = [
    textArray(changed.map(({ tenant }) => tenant)),
    plainArray(changed.map(({ promotion }) => promotion.id)),
    textArray(changed.map(({ promotion, now }) => (now ?? promotion).state)),
    textArray(changed.map(({ now }) => now && JSON.stringify(now))),
  ]
  await connection.query({ name: 'refresh standings', text: REFRESH, values })
}

const OPEN = `
  SELECT tenant, promotion, standing FROM promotion
  WHERE tenant = ANY ($1) AND (state IN ('VALIDATED', 'APPROVED') OR standing IS NOT NULL)`

const REFRESH = `
  UPDATE promotion p SET state = changed.state, standing = changed.standing
  FROM unnest($1::text[], $2::uuid[], $3::text[], $4::json[]) AS changed(tenant, promotion_id, state, standing)
  WHERE p.tenant = changed.tenant AND p.promotion_id = changed.promotion_id`

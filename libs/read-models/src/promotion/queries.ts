import { presentPromotion, type Promotion } from '#libs/api'
import { environmentKey, promotionStates, type PromotionFacts, type PromotionState } from '#libs/contracts'
import { positionsSql, type QueryResult, type JsonText, type Page } from '../sql/query-result.js'
import { decodeCursor, encodeCursor } from '../sql/cursor.js'
import { isStartKey } from '../sql/log-order.js'
import type { Query } from '#libs/postgres'
import type { Standing } from './standing.js'

/** Label with which a pipeline assigns a deployment to a promotion. */
const promotionLabel = 'shiplog.io/promotion'

/** Filters of a list of promotions; all given ones must match. */
export interface PromotionFilters {
  state?: PromotionState[]
  /** Any name of the environment; aliases resolve. */
  source?: string
  target?: string
}

export interface PromotionsRequest {
  tenant: string
  filters: PromotionFilters
  /** Maximum number of promotions, 1 to 500. */
  limit: number
  cursor?: string
}

interface Row {
  deploymentId: string | null
  promotion: PromotionFacts
  standing: Standing | null
  recordedAt: string
  position: string
  version: number
}

/**
 * SQL: the deployment that brought the image of an executed promotion `p` into its target (ADR 14): the one whose correlation id is the
 * promotion's, or whose label is; else the first one with that tag there that was recorded since and whose label names no other promotion.
 */
const deployed = `(
  SELECT h.deployment_id FROM deployment_history h CROSS JOIN LATERAL (
    SELECT coalesce(h.correlation_id = p.promotion_id::text, false) AS correlated, h.labels->>'${promotionLabel}' AS label
  ) said
  WHERE h.tenant = p.tenant AND h.image_tag = p.promotion->'request'->'image'->>'imageTag'
    AND h.application = p.promotion->'request'->'image'->>'application'
    AND h.environment_name = (SELECT environment_name(p.tenant, p.target_environment))
    AND p.promotion->'executed' IS NOT NULL
    AND (said.correlated OR said.label = p.promotion_id::text
      OR said.label IS NULL AND h.recorded_at >= (p.promotion->'executed'->>'at')::timestamptz)
  ORDER BY said.correlated DESC, said.label, h.recorded_at, h.log_order LIMIT 1)`

const members = `'promotion', p.promotion, 'standing', p.standing, 'recordedAt', instant(p.recorded_at),
  'position', p.partition || ':' || p.last_seq, 'version', p.version,
  'deploymentId', ${deployed}`

/** Promotions, newest first. Throws InvalidCursor. */
export async function promotionsPage(query: Query, request: PromotionsRequest): Promise<QueryResult<Page>> {
  const { tenant, limit, cursor } = request
  const { source, target } = request.filters
  const state = request.filters.state && promotionStates.filter(known => request.filters.state!.includes(known))
  const filters = { list: 'promotions', state, source, target }
  const values: unknown[] = [tenant, limit]
  const bind = (value: unknown) => `$${values.push(value)}`
  const conditions = ['p.tenant = $1']
  const called = (column: string, environment: string) =>
    `p.${column} = ANY ((SELECT environment_words($1, ${bind(environmentKey(environment))}))::text[])`
  if (state) conditions.push(`p.state = ANY (${bind(state)}::text[])`)
  if (source !== undefined) conditions.push(called('source_environment', source))
  if (target !== undefined) conditions.push(called('target_environment', target))
  if (cursor !== undefined) {
    const [createdAt, logOrder] = decodeCursor(cursor, filters, isStartKey)
    conditions.push(`(p.created_at, p.log_order) < (${bind(createdAt)}::timestamptz, ${bind(logOrder)}::bigint)`)
  }
  const text = `
    WITH page AS MATERIALIZED (
      SELECT p.*, row_number() OVER (ORDER BY p.created_at DESC, p.log_order DESC) AS n FROM promotion p
      WHERE ${conditions.join(' AND ')} ORDER BY p.created_at DESC, p.log_order DESC LIMIT $2::int + 1
    )
    SELECT
      (SELECT coalesce(json_agg(json_build_object(${members}) ORDER BY p.n), '[]') FROM page p WHERE p.n <= $2) AS rows,
      (SELECT json_build_array(instant(created_at), log_order::text) FROM page
        WHERE n = $2 AND EXISTS (SELECT FROM page WHERE n = $2 + 1)) AS last,
      ${positionsSql('deployments')} AS positions`
  const [found] = await query<{ rows: Row[]; last: [string, string] | null; positions: string }>({
    name: 'promotions',
    text,
    values,
  })
  const { rows, last, positions } = found!
  return {
    body: { json: JSON.stringify(rows.map(presented)), ...(last && { next: encodeCursor(filters, last) }) },
    positions,
  }
}

/** One promotion as presented, and its version. */
export interface FoundPromotion {
  json: JsonText
  version: number
}

/** One promotion; `undefined` if the tenant has none with this id (a UUID). */
export async function findPromotion(
  query: Query,
  tenant: string,
  id: string,
): Promise<QueryResult<FoundPromotion | undefined>> {
  const text = `
    SELECT (SELECT json_build_object(${members}) FROM promotion p
      WHERE p.tenant = $1 AND p.promotion_id = $2) AS row, ${positionsSql('deployments')} AS positions`
  const [found] = await query<{ row: Row | null; positions: string }>({
    name: 'promotion',
    plan: 'once',
    text,
    values: [tenant, id],
  })
  const { row, positions } = found!
  return { body: row ? { json: JSON.stringify(presented(row)), version: row.version } : undefined, positions }
}

function presented({ promotion, standing, deploymentId, ...metadata }: Row): Promotion {
  return presentPromotion(
    { ...promotion, ...standing },
    { ...metadata, ...(deploymentId !== null && { deploymentId }) },
  )
}

import { presentPromotion, type Promotion } from '#libs/api'
import { promotionStates, type PromotionFacts, type PromotionState } from '#libs/contracts'
import { positionsSql, type QueryResult, type JsonText, type Page } from '../sql/query-result.js'
import { decodeCursor, encodeCursor } from '../sql/cursor.js'
import { isStartKey } from '../sql/log-order.js'
import { environmentKeyOf } from '../pipeline/environment.js'
import { statement, type Query } from '#libs/postgres'
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
  ) claim
  WHERE h.tenant = p.tenant AND h.image_tag = p.promotion->'request'->'image'->>'imageTag'
    AND h.application = p.promotion->'request'->'image'->>'application'
    AND h.environment_name = (SELECT environment_name(p.tenant, p.target_environment))
    AND p.promotion->'executed' IS NOT NULL
    AND (claim.correlated OR claim.label = p.promotion_id::text
      OR claim.label IS NULL AND h.recorded_at >= (p.promotion->'executed'->>'at')::timestamptz)
  ORDER BY claim.correlated DESC, claim.label, h.recorded_at, h.log_order LIMIT 1)`

const members = `'promotion', p.promotion, 'standing', p.standing, 'recordedAt', instant(p.recorded_at),
  'position', p.partition || ':' || p.last_seq, 'version', p.version,
  'deploymentId', ${deployed}`

/** Promotions, newest first. Throws InvalidCursor. */
export async function promotionsPage(query: Query, request: PromotionsRequest): Promise<QueryResult<Page>> {
  const { tenant, limit, cursor } = request
  const { source, target } = request.filters
  const state = request.filters.state && promotionStates.filter(known => request.filters.state!.includes(known))
  const filters = { list: 'promotions', state, source, target }
  const [createdAt, logOrder] = cursor === undefined ? [] : decodeCursor(cursor, filters, isStartKey)
  const conditions = [
    'p.tenant = $tenant',
    ...(state ? ['p.state = ANY ($state::text[])'] : []),
    ...(source === undefined ? [] : [namedSql('p.source_environment', '$source')]),
    ...(target === undefined ? [] : [namedSql('p.target_environment', '$target')]),
    ...(cursor === undefined ? [] : ['(p.created_at, p.log_order) < ($createdAt::timestamptz, $logOrder::bigint)']),
  ]
  const values = {
    tenant,
    limit,
    state,
    source: environmentKeyOf(source),
    target: environmentKeyOf(target),
    createdAt,
    logOrder,
  }
  const [found] = await query<{ rows: Row[]; last: [string, string] | null; positions: string }>(
    statement('promotions', pageSql(conditions), values),
  )
  const { rows, last, positions } = found!
  return {
    body: { json: JSON.stringify(rows.map(presented)), ...(last && { next: encodeCursor(filters, last) }) },
    positions,
  }
}

// Stored by the key of the name that was sent, which may be any of the environment's.
const namedSql = (column: string, key: string) =>
  `${column} = ANY ((SELECT environment_words($tenant, ${key}))::text[])`

const pageSql = (conditions: readonly string[]) => `
  WITH page AS MATERIALIZED (
    SELECT p.*, row_number() OVER (ORDER BY p.created_at DESC, p.log_order DESC) AS n FROM promotion p
    WHERE ${conditions.join(' AND ')} ORDER BY p.created_at DESC, p.log_order DESC LIMIT $limit::int + 1
  )
  SELECT
    (SELECT coalesce(json_agg(json_build_object(${members}) ORDER BY p.n), '[]') FROM page p WHERE p.n <= $limit) AS rows,
    (SELECT json_build_array(instant(created_at), log_order::text) FROM page
      WHERE n = $limit AND EXISTS (SELECT FROM page WHERE n = $limit + 1)) AS last,
    ${positionsSql('deployments')} AS positions`

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
  const [found] = await query<{ row: Row | null; positions: string }>(
    statement('promotion', PROMOTION, { tenant, id }, { plan: 'once' }),
  )
  const { row, positions } = found!
  return { body: row ? { json: JSON.stringify(presented(row)), version: row.version } : undefined, positions }
}

const PROMOTION = `
  SELECT (SELECT json_build_object(${members}) FROM promotion p
    WHERE p.tenant = $tenant AND p.promotion_id = $id) AS row, ${positionsSql('deployments')} AS positions`

function presented({ promotion, standing, deploymentId, ...metadata }: Row): Promotion {
  return presentPromotion(
    { ...promotion, ...standing },
    { ...metadata, ...(deploymentId !== null && { deploymentId }) },
  )
}

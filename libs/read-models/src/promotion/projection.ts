import { environmentKey, type PromotionEvent } from '#libs/contracts'
import { absentPromotion, evolvePromotion, type ExistingPromotion } from '#libs/domain'
import { rowSet, statement, type Query } from '#libs/postgres'
import { appendToAuditTrail, promotionAuditTrail } from '../log/audit-trail.js'
import { logOrder } from '../sql/log-order.js'
import { idKey, type ProjectedEvent } from '../log/projected-event.js'
import { presentedEventData } from './shown-event.js'
import { pipelinesOf, standingBy, type Standing } from './standing.js'

/** A promotion after a batch. */
interface PromotionChange {
  tenant: string
  /** Without the moved values, which are in its events. */
  promotion: ExistingPromotion
  recordedAt: string
  partition: number
  logOrder: bigint
  lastSeq: number
  version: number
}

/** Applies a batch to the promotions and adds its events to their audit trails. */
export async function applyPromotions(query: Query, events: readonly ProjectedEvent<PromotionEvent>[]): Promise<void> {
  if (events.length === 0) return
  const changes = await loadChanged(query, events)
  for (const { event, metadata, partition, seq } of events) {
    const { tenant, recordedTime, streamVersion: version } = metadata
    const key = idKey(tenant, event.promotionId)
    const begun = { tenant, recordedAt: recordedTime, partition, logOrder: logOrder(partition, seq) }
    const before = changes.get(key)
    const promotion = asStored(evolvePromotion(before?.promotion ?? absentPromotion, withoutValues(event)))
    changes.set(key, { ...begun, ...before, promotion, lastSeq: seq, version })
  }
  await upsert(query, [...changes.values()])
  const recorded = events.map(projected => ({
    id: projected.event.promotionId,
    data: presentedEventData(projected.event),
    projected,
  }))
  await appendToAuditTrail(query, promotionAuditTrail, recorded)
}

function withoutValues(event: PromotionEvent): PromotionEvent {
  if (event.type === 'PromotionValidated') return { ...event, content: [] }
  return 'changes' in event ? { ...event, changes: [] } : event
}

/** As it is read from the table; otherwise the order of its members would depend on how events fell into batches. */
function asStored(promotion: ExistingPromotion): ExistingPromotion {
  return Object.fromEntries(Object.entries(promotion).filter(([, value]) => value !== undefined)) as typeof promotion
}

interface StoredRow {
  tenant: string
  promotion: ExistingPromotion
  recorded_at: string
  partition: number
  log_order: string
  last_seq: string
  version: number
}

async function loadChanged(
  query: Query,
  events: readonly ProjectedEvent<PromotionEvent>[],
): Promise<Map<string, PromotionChange>> {
  const rows = await query<StoredRow>(statement('load promotions', LOAD, wanted.values(events)))
  return new Map(
    rows.map(row => [
      idKey(row.tenant, row.promotion.id),
      {
        tenant: row.tenant,
        promotion: row.promotion,
        recordedAt: row.recorded_at,
        partition: row.partition,
        logOrder: BigInt(row.log_order),
        lastSeq: Number(row.last_seq),
        version: row.version,
      },
    ]),
  )
}

const wanted = rowSet<ProjectedEvent<PromotionEvent>>('wanted', [
  { name: 'tenant', type: 'text', value: ({ metadata }) => metadata.tenant },
  { name: 'promotion_id', type: 'uuid', value: ({ event }) => event.promotionId },
])

const LOAD = `
  SELECT p.tenant, p.promotion, instant(p.recorded_at) AS recorded_at, p.partition, p.log_order, p.last_seq, p.version
  FROM (SELECT DISTINCT * FROM ${wanted.sql}) AS wanted
  JOIN promotion p ON p.tenant = wanted.tenant AND p.promotion_id = wanted.promotion_id`

async function upsert(query: Query, changes: readonly PromotionChange[]): Promise<void> {
  const pipelineOf = await pipelinesOf(
    query,
    changes.map(({ tenant }) => tenant),
  )
  const rows = changes.map(change => {
    return { ...change, standing: standingBy(change.promotion, pipelineOf(change.tenant)) }
  })
  await query(statement('upsert promotions', UPSERT, promotions.values(rows)))
}

const promotions = rowSet<PromotionChange & { standing?: Standing }>('changed', [
  { name: 'tenant', type: 'text', value: ({ tenant }) => tenant },
  { name: 'promotion_id', type: 'uuid', value: ({ promotion }) => promotion.id },
  { name: 'state', type: 'text', value: ({ promotion, standing }) => (standing ?? promotion).state },
  {
    name: 'source_environment',
    type: 'text',
    value: ({ promotion }) => environmentKey(promotion.request.sourceEnvironment),
  },
  {
    name: 'target_environment',
    type: 'text',
    value: ({ promotion }) => environmentKey(promotion.request.targetEnvironment),
  },
  { name: 'created_at', type: 'timestamptz', value: ({ promotion }) => promotion.createdAt },
  { name: 'promotion', type: 'json', value: ({ promotion }) => JSON.stringify(promotion) },
  { name: 'standing', type: 'json', value: ({ standing }) => standing && JSON.stringify(standing) },
  { name: 'recorded_at', type: 'timestamptz', value: ({ recordedAt }) => recordedAt },
  { name: 'partition', type: 'smallint', value: ({ partition }) => partition },
  { name: 'log_order', type: 'bigint', value: change => change.logOrder },
  { name: 'last_seq', type: 'bigint', value: ({ lastSeq }) => lastSeq },
  { name: 'version', type: 'integer', value: ({ version }) => version },
])

const UPSERT = `
  INSERT INTO promotion (${promotions.columns})
  SELECT * FROM ${promotions.sql}
  ON CONFLICT (tenant, promotion_id) DO UPDATE SET state = excluded.state, promotion = excluded.promotion,
    standing = excluded.standing, last_seq = excluded.last_seq, version = excluded.version`

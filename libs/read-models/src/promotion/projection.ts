import { environmentKey, type PromotionEvent } from '#libs/contracts'
import { absentPromotion, evolvePromotion, type ExistingPromotion } from '#libs/domain'
import type { ClientBase } from 'pg'
import { plainArray, textArray } from '#libs/postgres'
import { appendToAuditTrail, promotionAuditTrail } from '../log/audit-trail.js'
import { logOrder } from '../sql/log-order.js'
import { idKey, type ProjectedEvent } from '../log/projected-event.js'
import { presentedEventData } from './shown-event.js'
import { pipelinesOf, standingBy } from './standing.js'

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
export async function applyPromotions(
  connection: ClientBase,
  events: readonly ProjectedEvent<PromotionEvent>[],
): Promise<void> {
  if (events.length === 0) return
  const changes = await loadChanged(connection, events)
  for (const { event, metadata, partition, seq } of events) {
    const { tenant, recordedTime, streamVersion: version } = metadata
    const key = idKey(tenant, event.promotionId)
    const begun = { tenant, recordedAt: recordedTime, partition, logOrder: logOrder(partition, seq) }
    const before = changes.get(key)
    const promotion = asStored(evolvePromotion(before?.promotion ?? absentPromotion, withoutValues(event)))
    changes.set(key, { ...begun, ...before, promotion, lastSeq: seq, version })
  }
  await upsert(connection, [...changes.values()])
  const recorded = events.map(projected => ({
    id: projected.event.promotionId,
    data: presentedEventData(projected.event),
    projected,
  }))
  await appendToAuditTrail(connection, promotionAuditTrail, recorded)
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
  connection: ClientBase,
  events: readonly ProjectedEvent<PromotionEvent>[],
): Promise<Map<string, PromotionChange>> {
  const text = `
    SELECT p.tenant, p.promotion, instant(p.recorded_at) AS recorded_at, p.partition, p.log_order, p.last_seq, p.version
    FROM (SELECT DISTINCT * FROM unnest($1::text[], $2::uuid[])) AS wanted(tenant, promotion_id)
    JOIN promotion p ON p.tenant = wanted.tenant AND p.promotion_id = wanted.promotion_id`
  const values = [events.map(({ metadata }) => metadata.tenant), events.map(({ event }) => event.promotionId)]
  const { rows } = await connection.query<StoredRow>({ text, values })
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

async function upsert(connection: ClientBase, changes: readonly PromotionChange[]): Promise<void> {
  const pipelineOf = await pipelinesOf(
    connection,
    changes.map(({ tenant }) => tenant),
  )
  const standings = changes.map(({ tenant, promotion }) => standingBy(promotion, pipelineOf(tenant)))
  const text = `
    INSERT INTO promotion (tenant, promotion_id, state, source_environment, target_environment, created_at,
      promotion, standing, recorded_at, partition, log_order, last_seq, version)
    SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::json[],
      $8::json[], $9::timestamptz[], $10::smallint[], $11::bigint[], $12::bigint[], $13::integer[])
    ON CONFLICT (tenant, promotion_id) DO UPDATE SET state = excluded.state, promotion = excluded.promotion,
      standing = excluded.standing, last_seq = excluded.last_seq, version = excluded.version`
  const values = [
    textArray(changes.map(({ tenant }) => tenant)),
    plainArray(changes.map(({ promotion }) => promotion.id)),
    textArray(changes.map(({ promotion }, index) => (standings[index] ?? promotion).state)),
    textArray(changes.map(({ promotion }) => environmentKey(promotion.request.sourceEnvironment))),
    textArray(changes.map(({ promotion }) => environmentKey(promotion.request.targetEnvironment))),
    plainArray(changes.map(({ promotion }) => promotion.createdAt)),
    textArray(changes.map(({ promotion }) => JSON.stringify(promotion))),
    textArray(standings.map(standing => standing && JSON.stringify(standing))),
    plainArray(changes.map(({ recordedAt }) => recordedAt)),
    plainArray(changes.map(({ partition }) => partition)),
    plainArray(changes.map(change => change.logOrder)),
    plainArray(changes.map(({ lastSeq }) => lastSeq)),
    plainArray(changes.map(({ version }) => version)),
  ]
  await connection.query({ text, values })
}

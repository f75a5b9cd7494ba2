import type { RawRecord } from '../../independent/log-reader.js'
import { findUnmatchedChanges, foldPromotions, type Promotion } from '../../independent/promotions.js'
import { SCHEDULER } from './commands.js'
import { doubled, type Finding, lost, other } from './finding.js'

const PROMOTION = 'io.shiplog.promotion.'
const CHANGED = 'io.shiplog.configuration.changed.v1'

/** Holds the promotions of all tenants against what they promise, once nothing is due any more. */
export function checkPromotions(log: readonly RawRecord[]): Finding[] {
  const promoting = log.filter(({ headers }) => headers['ce_type']?.startsWith(PROMOTION))
  const tenants = new Set(promoting.map(({ headers }) => headers['ce_tenant'] ?? ''))
  const each = [...tenants].flatMap(tenant => [
    ...findUnmatchedChanges([...log], tenant).map(what => other(what)),
    ...[...foldPromotions([...log], tenant).values()].flatMap(checkPromotion),
  ])
  return [...each, ...checkNeighbours(log)]
}

function checkPromotion({ id, state, trail, conflicts, failure, scheduledAt = '' }: Promotion): Finding[] {
  const found: Finding[] = []
  for (const once of ['executed', 'rolledback', 'failed', 'cancelled']) {
    const count = trail.filter(({ type }) => type === once).length
    if (count > 1) found.push(doubled(`promotion ${id} was ${once} ${count} times`))
  }
  const last = trail.at(-1)
  const byItself = trail.findLast(({ by }) => by === SCHEDULER)
  if (state === 'SCHEDULED') found.push(lost(`promotion ${id} was due at ${scheduledAt}, and nothing came of it`))
  if (byItself && Date.parse(byItself.at) < Date.parse(scheduledAt)) {
    found.push(other(`promotion ${id} was due at ${scheduledAt}, and ${byItself.type} by itself at ${byItself.at}`))
  }
  if (state === 'FAILED' && !failure) found.push(other(`promotion ${id} failed, and nobody knows why`))
  if (state === 'VALIDATION_FAILED' && last === byItself && conflicts.length === 0) {
    found.push(other(`promotion ${id} was not executed when it was due, and has no conflicts`))
  }
  return found
}

/** What a promotion changed stands behind it, of one command. */
function checkNeighbours(log: readonly RawRecord[]): Finding[] {
  const found: Finding[] = []
  const before = new Map<number, RawRecord>()
  for (const record of log) {
    const promotion = before.get(record.partition)
    before.set(record.partition, record)
    const { cause } = JSON.parse(record.value) as { cause?: { promotionId: string; action: string } }
    if (record.headers['ce_type'] !== CHANGED || !cause) continue
    const { promotionId } = JSON.parse(promotion?.value ?? '{}') as { promotionId?: string }
    const isIts =
      promotion?.headers['ce_type'] === `${PROMOTION}${cause.action}.v1` &&
      promotionId === cause.promotionId &&
      promotion.headers['ce_causationid'] === record.headers['ce_causationid']
    if (isIts) continue
    const place = `${record.partition}:${record.headers['ce_ledgerseq']}`
    found.push(other(`the change at ${place} does not follow promotion ${cause.promotionId}, ${cause.action}`))
  }
  return found
}

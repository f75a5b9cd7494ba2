import type { RawRecord } from '../../independent/log/log-reader.js'
import { findUnmatchedChanges, foldPromotions, type Promotion } from '../../independent/configuration/promotions.js'
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

function checkPromotion({ id, state, trail, conflicts, failure, scheduledAt = '', fewEyes }: Promotion): Finding[] {
  const found: Finding[] = []
  if (fewEyes !== undefined) found.push(other(`promotion ${id} was executed by the approval of ${fewEyes} people`))
  for (const once of ['executed', 'rolledback', 'failed', 'cancelled']) {
    const count = trail.filter(({ type }) => type === once).length
    if (count > 1) found.push(doubled(`promotion ${id} was ${once} ${count} times`))
  }
  const last = trail.at(-1)
  const automatic = trail.findLast(({ by }) => by === SCHEDULER)
  if (state === 'SCHEDULED') found.push(lost(`promotion ${id} was due at ${scheduledAt}, and nothing came of it`))
  if (automatic && Date.parse(automatic.at) < Date.parse(scheduledAt)) {
    found.push(
      other(`promotion ${id} was due at ${scheduledAt}, and ${automatic.type} automatically at ${automatic.at}`),
    )
  }
  if (state === 'FAILED' && !failure) found.push(other(`promotion ${id} failed, and nobody knows why`))
  if (state === 'VALIDATION_FAILED' && last === automatic && conflicts.length === 0) {
    found.push(other(`promotion ${id} was not executed when it was due, and has no conflicts`))
  }
  return found
}

/** What a promotion changed stands just in front of it, of one command. */
function checkNeighbours(log: readonly RawRecord[]): Finding[] {
  const found: Finding[] = []
  const changes = new Map<number, { change: RawRecord; cause: Cause }>()
  for (const record of log) {
    const before = changes.get(record.partition)
    changes.delete(record.partition)
    if (before && !isOf(before, record)) found.push(alone(before))
    const { cause } = JSON.parse(record.value) as { cause?: Cause }
    if (record.headers['ce_type'] === CHANGED && cause) changes.set(record.partition, { change: record, cause })
  }
  return [...found, ...[...changes.values()].map(alone)]
}

interface Cause {
  promotionId: string
  action: string
}

function isOf({ change, cause }: { change: RawRecord; cause: Cause }, { headers, value }: RawRecord): boolean {
  const { promotionId } = JSON.parse(value) as { promotionId?: string }
  return (
    headers['ce_type'] === `${PROMOTION}${cause.action}.v1` &&
    promotionId === cause.promotionId &&
    headers['ce_causationid'] === change.headers['ce_causationid']
  )
}

function alone({ change, cause }: { change: RawRecord; cause: Cause }): Finding {
  const place = `${change.partition}:${change.headers['ce_ledgerseq']}`
  return other(`promotion ${cause.promotionId}, ${cause.action}, does not follow the change at ${place}`)
}

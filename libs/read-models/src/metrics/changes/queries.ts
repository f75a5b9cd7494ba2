import type { ChangingEvent } from './relations.js'
import { parseInstant } from '#libs/contracts'
import type { QueryResult, Page } from '../../sql/query-result.js'
import { decodeCursor, encodeCursor } from '../../sql/cursor.js'
import { rowSet, statement, type Query } from '#libs/postgres'
import { everRecorded } from '../../deployment/record/versions.js'
import { simplifiedScope } from '../definition/scope.js'
import { changedApplications } from './changed-applications.js'
import { ChangedPeriods } from './changed-periods.js'
import { stepsOf } from './contribution-counts.js'
import { changesHead, presentContributions, type ChangesHead, type ChangesRequest } from './periods.js'
import { replay } from './replay.js'
import type { EventKey } from '../known/event-key.js'
import { Work } from '../../sql/read-budget.js'

/** End of a page: after a period, or after an event of one. */
type CursorKey = [start: string] | [start: string, knownMs: number, partition: number, seq: number]

interface PresentedEvent {
  position: string
  /** `id` of the CloudEvent. */
  eventId: string
  type: string
  /** Of an event of an incident: the deployment to which that belongs now, if there is one. */
  deploymentId?: string
  incidentId?: string
  application: string
  time: string
  recordedAt: string
}

interface PresentedPeriod {
  start: string
  end: string
  from: unknown
  to: unknown
  events: (PresentedEvent & { from: unknown; to: unknown })[]
}

/**
 * Past periods whose metric differs from what was known at `since` (or at the end of a period that was not past then), earliest first, and
 * the events that changed it, one by one in the order in which they became known (within one millisecond in the order of the log), each
 * with the values before and after it. Events that left the metric unchanged are omitted. A page has at most `limit` events and may end
 * within a period. Applications whose contributions in a period are unchanged are not replayed. The statements must see one snapshot.
 * Throws InvalidCursor, ReadLimitExceeded.
 */
export async function changesPage(query: Query, request: ChangesRequest): Promise<QueryResult<Page>> {
  const { metric, since, bucket, timezone } = request
  const { environment, application, label } = simplifiedScope(request)
  const list = { list: 'changes', metric, environment, application, label, since, bucket, timezone }
  const cursorKey = request.cursor === undefined ? undefined : decodeCursor(request.cursor, list, isCursorKey)
  const cursor = cursorKey && keyOf(cursorKey)
  const all = await changesHead(query, request, cursorKey?.[0])
  const head =
    cursorKey && !cursor ? { ...all, periods: all.periods.filter(({ start }) => start !== cursorKey[0]) } : all
  const { presented, next } = await showPage(query, request, head, await findChanged(query, request, head, cursor))
  const json = JSON.stringify(presented)
  return { body: { json, ...(next && { next: encodeCursor(list, next) }) }, positions: head.positions }
}

function isCursorKey(cursorKey: unknown[]): cursorKey is CursorKey {
  const [start, ...key] = cursorKey
  if (typeof start !== 'string' || parseInstant(start) === undefined) return false
  return key.length === 0 || (key.length === 3 && key.every(number => Number.isSafeInteger(number)))
}

function keyOf([, knownMs, partition, seq]: CursorKey): EventKey | undefined {
  return knownMs === undefined ? undefined : { knownMs, partition: partition!, seq: seq! }
}

async function findChanged(
  query: Query,
  request: ChangesRequest,
  head: ChangesHead,
  cursor: EventKey | undefined,
): Promise<ChangedPeriods> {
  const { metric, limit } = request
  const { periods } = head
  const found = new ChangedPeriods(periods, limit, cursor)
  if (periods.length === 0) return found
  const work = new Work()
  for await (const history of changedApplications(query, request, head, work)) {
    const ofApplication = new ChangedPeriods(periods, limit, cursor)
    await replay(history, metric, periods, ofApplication, work)
    found.add(ofApplication)
  }
  return found
}

async function showPage(
  query: Query,
  request: ChangesRequest,
  { periods }: ChangesHead,
  found: ChangedPeriods,
): Promise<{ presented: PresentedPeriod[]; next?: CursorKey }> {
  const presented: PresentedPeriod[] = []
  const changed = found.earliest()
  let room = request.limit
  for (const [n, one] of changed.entries()) {
    const period = periods[one.index]!
    const { start, end } = period
    const { changes, end: cutAt } = one.first()
    const present = await presentContributions(query, request, period)
    const { from, to, moves } = stepsOf(one, changes, present, request.metric)
    const hasMoved = from !== to
    const listed = hasMoved ? moves.slice(0, room) : []
    if (listed.length > 0) {
      const found = await presentedEvents(
        query,
        request.tenant,
        listed.map(({ event }) => event),
      )
      const events = found.map((event, n) => ({ ...event, ...metricValuesOf(listed[n]!) }))
      presented.push({ start, end, ...metricValuesOf({ from, to }), events })
    }
    if (hasMoved) {
      const behind = listed.length < moves.length ? listed.at(-1)!.event : cutAt
      if (behind) return { presented, next: [start, behind.knownMs, behind.partition, behind.seq] }
    }
    room -= listed.length
    const isLast = n === changed.length - 1
    if (room === 0 || isLast) return { presented, ...((!isLast || found.more) && { next: [start] }) }
  }
  return { presented }
}

const metricValuesOf = ({ from, to }: { from: string; to: string }) => ({ from: JSON.parse(from), to: JSON.parse(to) })

/** Events, in the given order. */
export async function presentedEvents(
  query: Query,
  tenant: string,
  events: readonly ChangingEvent[],
): Promise<PresentedEvent[]> {
  const values = { tenant, ...changingRows.values(events) }
  const rows = await query<{ event: PresentedEvent }>(statement('changing events', CHANGING_EVENTS, values))
  return rows.map(({ event }) => event)
}

const changingRows = rowSet<ChangingEvent>('changing', [
  { name: 'deployment_id', type: 'uuid', value: ({ deploymentId }) => deploymentId },
  { name: 'incident_id', type: 'text', value: ({ incidentId }) => incidentId },
  { name: 'version', type: 'integer', value: ({ version }) => version },
])

const presentedEvent = (of: { deployment: string; incident: string; application: string }) => `
  json_strip_nulls(json_build_object('position', e.partition || ':' || e.seq, 'eventId', e.event_id, 'type', e.type,
    'deploymentId', ${of.deployment}, 'incidentId', ${of.incident}, 'application', ${of.application}, 'time', instant(e.time),
    'recordedAt', instant(e.recorded_at)))`

const CHANGING_EVENTS = `
  WITH changing AS MATERIALIZED (SELECT * FROM ${changingRows.numbered})
  SELECT event FROM (
    SELECT changing.n, ${presentedEvent({ deployment: 'e.deployment_id', incident: 'NULL', application: 'h.application' })} AS event
    FROM changing
    JOIN deployment_event e ON e.tenant = $tenant AND e.deployment_id = changing.deployment_id AND e.version = changing.version
    JOIN ${everRecorded} h ON h.tenant = $tenant AND h.deployment_id = e.deployment_id
    UNION ALL
    SELECT changing.n, ${presentedEvent({ deployment: 'i.deployment_id', incident: 'e.incident_id', application: 'i.application' })}
    FROM changing
    JOIN incident_event e ON e.tenant = $tenant AND e.incident_id = changing.incident_id AND e.version = changing.version
    JOIN incident i ON i.tenant = $tenant AND i.incident_id = e.incident_id
  ) presented ORDER BY n`

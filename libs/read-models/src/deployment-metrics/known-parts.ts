import type { Bind } from '../moment.js'
import { environmentParameter, firstEnvironmentSql } from '../promotion-rules/environment.js'
import type { Query } from '../query.js'
import { askedEnvironmentSql } from './figures.js'
import type { Part } from './part-figures.js'
import { partsSql, type ChangedPeriod, type ChangesRequest } from './period-parts.js'
import { metricRows } from './rows.js'

/** An event that may have changed the parts of an application, and when it was known: its deployment's events before it were, too. */
export interface LateEvent {
  application: string
  knownMs: number
  shown: {
    position: string
    /** `id` of the CloudEvent. */
    eventId: string
    type: string
    deploymentId: string
    application: string
    time: string
    recordedAt: string
  }
}

/** Events of some applications that were known after a time; in the order in which they were. @param afterMs milliseconds since 1970 */
export async function lateEvents(
  query: Query,
  { tenant, environment }: ChangesRequest,
  applications: readonly string[],
  afterMs: number,
): Promise<LateEvent[]> {
  const text = `
    WITH counting AS (
      SELECT h.application, h.deployment_id FROM deployment_history h
      WHERE h.tenant = $1 AND h.application = ANY ($2) AND h.environment_name IN (
        ${askedEnvironmentSql('$1', '$4::text')}, ${firstEnvironmentSql('$1')})
    ), event AS (
      SELECT counting.application, e.*, max(e.recorded_at) OVER (PARTITION BY counting.application, e.deployment_id ORDER BY e.version) AS known_at
      FROM counting JOIN deployment_event e ON e.tenant = $1 AND e.deployment_id = counting.deployment_id
    )
    SELECT e.application, extract(epoch FROM known_at)::float8 * 1000 AS "knownMs", json_build_object(
      'position', e.partition || ':' || e.seq, 'eventId', e.event_id, 'type', e.type, 'deploymentId', e.deployment_id,
      'application', h.application, 'time', instant(e.time), 'recordedAt', instant(e.recorded_at)) AS shown
    FROM event e JOIN deployment_history h ON h.tenant = $1 AND h.deployment_id = e.deployment_id
    WHERE known_at > $3::timestamptz ORDER BY known_at, e.partition, e.seq`
  const values = [tenant, applications, new Date(afterMs).toISOString(), environmentParameter(environment)]
  const events = await query<LateEvent>({ text, values })
  return events.map(event => ({ ...event, knownMs: Math.round(event.knownMs) }))
}

/** An application as it was known at a time. */
export interface Knowing {
  application: string
  knownMs: number
}

/** The parts of applications in some periods as they were known at some times: by `keyOf` it, a list a period. */
export async function knownParts(
  query: Query,
  { tenant, metric, environment }: ChangesRequest,
  periods: readonly ChangedPeriod[],
  asked: readonly Knowing[],
): Promise<Map<string, Part[][]>> {
  const values: unknown[] = [
    tenant,
    asked.map(({ application }) => application),
    asked.map(({ knownMs }) => new Date(knownMs).toISOString()),
    periods.map(({ start }) => start),
    periods.map(({ end }) => end),
  ]
  const bind: Bind = value => `$${values.push(value)}`
  const rows = metricRows({ environment, worlds: 'asked_world' }, bind)
  const text = `
    WITH asked_world AS MATERIALIZED (
      SELECT n, application, known_at FROM unnest($2::text[], $3::timestamptz[]) WITH ORDINALITY AS asked(application, known_at, n)
    ), period AS MATERIALIZED (
      SELECT n, start, until FROM unnest($4::timestamptz[], $5::timestamptz[]) WITH ORDINALITY AS asked(start, until, n)
    ), part AS (
      ${partsSql(
        metric,
        'm.world, period.n AS period',
        `${rows} m JOIN period ON m.finished_at >= period.start AND m.finished_at < period.until`,
      )}
    )
    SELECT world::int, period::int, json_agg(json_build_array(part, value) ORDER BY part, value) AS parts FROM part GROUP BY world, period`
  const found = await query<{ world: number; period: number; parts: Part[] }>({ text, values })
  const known = new Map(asked.map(knowing => [keyOf(knowing), periods.map((): Part[] => [])]))
  for (const { world, period, parts } of found) known.get(keyOf(asked[world - 1]!))![period - 1] = parts
  return known
}

export const keyOf = ({ application, knownMs }: Knowing): string => `${knownMs} ${application}`

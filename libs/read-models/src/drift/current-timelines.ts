import { hasLabelsSql, labelValues } from '../deployment/label/labels.js'
import { intervalJson, intervalOfJson, type IntervalJson } from './readings.js'
import { statement, type Query } from '#libs/postgres'
import {
  type ComparedApplication,
  type ComparedPart,
  type Comparison,
  knownApplications,
  sortedApplications,
} from './comparison.js'

/** Timelines by current knowledge: the last interval of each slot until a time; older ones are read on demand. */
export async function currentTimelines(
  query: Query,
  { tenant, environments, application, label, asOf }: Comparison,
  { after, limit, onlyDiffering = false, alsoIdle = false }: ComparedPart,
): Promise<ComparedApplication[]> {
  const slots = environments.map((_, n) => `slot_${n}`)
  const [first, ...others] = slots.map(slot => `${slot}.image_tag`)
  const conditions = [
    ...(alsoIdle ? [] : [`coalesce(${[first, ...others].join(', ')}) IS NOT NULL`]),
    ...(onlyDiffering ? [`(${['false', ...others.map(tag => `${tag} IS DISTINCT FROM ${first}`)].join(' OR ')})`] : []),
  ]
  const labels = hasLabelsSql('active', label)
  if (labels.length > 0)
    conditions.push(`EXISTS (
      SELECT FROM (VALUES ${slots.map(slot => `(${slot}.deployment_id)`).join(', ')}) active(deployment_id)
      WHERE ${labels.join(' AND ')})`)
  const withId = labels.length > 0
  const text = `
    WITH RECURSIVE ${knownApplications('deployment_interval', { application, after })}
    SELECT known.application, json_build_array(${slots.map(slot => `${slot}.interval`).join(', ')}) AS intervals
    FROM known ${slots.map((slot, n) => lastInterval(slot, `$environment${n}`, { asOf, withId })).join(' ')}
    WHERE known.application IS NOT NULL ${conditions.map(condition => `AND ${condition}`).join(' ')}
    -- planner: applications are found in this order; an ORDER BY would find all of them first.
    LIMIT $limit`
  const found = await query<{ application: string; intervals: (IntervalJson | null)[] }>(
    statement(
      'current timelines',
      text,
      {
        tenant,
        limit,
        asOf,
        ...sortedApplications(application),
        ...labelValues(label),
        after,
        ...Object.fromEntries(environments.map((environment, n) => [`environment${n}`, environment])),
      },
      { plan: 'once' },
    ),
  )
  return found.map(row => ({
    application: row.application,
    timelines: environments.map((environment, n) => {
      const interval = row.intervals[n]
      return {
        application: row.application,
        environment,
        intervals: interval ? [intervalOfJson(interval)] : [],
        complete: !interval,
        firstStarts: new Map(),
      }
    }),
  }))
}

const lastInterval = (
  slot: string,
  environment: string,
  { asOf, withId }: { asOf?: string; withId: boolean },
) => `LEFT JOIN LATERAL (
      SELECT CASE WHEN NOT s.removed THEN s.image_tag END AS image_tag,${withId ? ' CASE WHEN NOT s.removed THEN s.deployment_id END AS deployment_id,' : ''} ${intervalJson} AS interval FROM deployment_interval s
      WHERE s.tenant = $tenant AND s.application = known.application AND s.environment_name = ${environment}
        ${asOf === undefined ? '' : 'AND s.from_at <= $asOf::timestamptz'}
      ORDER BY s.from_at DESC LIMIT 1
    ) ${slot} ON true`

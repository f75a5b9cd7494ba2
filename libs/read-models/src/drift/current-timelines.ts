import { intervalJson, intervalOfJson, type IntervalJson } from './readings.js'
import { statementName, type Query } from '#libs/postgres'
import { type ComparedApplication, type ComparedPart, type Comparison, knownApplications } from './comparison.js'

/** Timelines by current knowledge: the last interval of each slot until a time; older ones are read on demand. */
export async function currentTimelines(
  query: Query,
  { tenant, environments, application, asOf }: Comparison,
  { after, limit, onlyDiffering = false, alsoIdle = false }: ComparedPart,
): Promise<ComparedApplication[]> {
  const values: unknown[] = [tenant, limit]
  const bind = (value: unknown) => `$${values.push(value)}`
  const until = asOf === undefined ? '' : `AND s.from_at <= ${bind(asOf)}::timestamptz`
  const slots = environments.map((environment, n) => {
    const name = bind(environment)
    return { row: `place_${n}`, name }
  })
  const rows = slots.map(({ row }) => row)
  const [first, ...others] = rows.map(row => `${row}.image_tag`)
  const conditions = [
    ...(alsoIdle ? [] : [`coalesce(${[first, ...others].join(', ')}) IS NOT NULL`]),
    ...(onlyDiffering ? [`(${['false', ...others.map(tag => `${tag} IS DISTINCT FROM ${first}`)].join(' OR ')})`] : []),
  ]
  // planner: applications are found in this order; an ORDER BY would find all of them first.
  const text = `
    WITH RECURSIVE ${knownApplications('deployment_interval', { application, after }, bind)}
    SELECT known.application, json_build_array(${rows.map(row => `${row}.interval`).join(', ')}) AS intervals
    FROM known ${slots
      .map(
        ({ row, name }) => `LEFT JOIN LATERAL (
      SELECT s.image_tag, ${intervalJson} AS interval FROM deployment_interval s
      WHERE s.tenant = $1 AND s.application = known.application AND s.environment_name = ${name} ${until}
      ORDER BY s.from_at DESC LIMIT 1
    ) ${row} ON true`,
      )
      .join(' ')}
    WHERE known.application IS NOT NULL ${conditions.map(condition => `AND ${condition}`).join(' ')}
    LIMIT $2`
  const name = statementName(`sides ${environments.length}`, { asOf, application, after, onlyDiffering, alsoIdle })
  const found = await query<{ application: string; intervals: (IntervalJson | null)[] }>({
    name,
    plan: 'once',
    text,
    values,
  })
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

import { environmentKey, formatInstant } from '#libs/contracts'
import { positionsSql } from '../sql/query-result.js'
import type { Query } from '#libs/postgres'

export interface DriftHead {
  /** The pipeline's names of the requested environments, in their order. */
  environments: string[]
  /** Requested environments that are unknown: neither in the pipeline nor with any deployment or configuration. */
  unknown: string[]
  /** The pipeline's environments, in its order. */
  pipeline: string[]
  /** The time to which ages refer: the requested time, or now; milliseconds since 1970. */
  at: number
  /** The same as presented. */
  asOf: string
  positions: string
}

/** Resolves the scope of a drift. Its statement must be the first one of a snapshot. */
export async function driftHead(
  query: Query,
  { tenant, named, asOf }: { tenant: string; named: string[]; asOf?: string },
): Promise<DriftHead> {
  const text = `
    WITH asked AS MATERIALIZED (
      SELECT named, n, environment_name($1, key) AS name
      FROM unnest($2::text[], $4::text[]) WITH ORDINALITY AS asked(named, key, n)
    )
    SELECT ARRAY(SELECT name FROM asked ORDER BY n) AS environments,
      ARRAY(
        SELECT named FROM asked WHERE NOT EXISTS (SELECT FROM environments($1) known WHERE known.name = asked.name)
          AND NOT EXISTS (SELECT FROM deployment_history h WHERE h.tenant = $1 AND h.environment_name = asked.name)
          AND NOT EXISTS (SELECT FROM configuration_history h WHERE h.tenant = $1 AND h.environment = asked.name)
        ORDER BY n
      ) AS unknown,
      ARRAY(SELECT name FROM environments($1) ORDER BY rank) AS pipeline,
      milliseconds(coalesce($3::timestamptz, date_trunc('milliseconds', statement_timestamp()))) AS at,
      ${positionsSql('deployments')} AS positions`
  const [head] = await query<Omit<DriftHead, 'asOf'>>({
    name: 'drift head',
    plan: 'once',
    text,
    values: [tenant, named, asOf ?? null, named.map(environmentKey)],
  })
  return { ...head!, asOf: formatInstant(new Date(head!.at)) }
}

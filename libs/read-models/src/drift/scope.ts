import { formatInstant } from '#libs/contracts'
import { requestedEnvironments } from '../configuration/entries.js'
import { everRecorded } from '../deployment/record/versions.js'
import { nameAsOf, type AsOf } from '../sql/as-of.js'
import { positionsSql } from '../sql/query-result.js'
import { statement, type Query } from '#libs/postgres'

export interface DriftScope {
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
export async function driftScope(
  query: Query,
  { tenant, named, asOf, knownAt }: { tenant: string; named: string[] } & AsOf,
): Promise<DriftScope> {
  const values = { tenant, ...requestedEnvironments(named), asOf: asOf ?? null, knownAt }
  const [scope] = await query<Omit<DriftScope, 'asOf'>>(
    statement(nameAsOf('drift scope', { knownAt }), scopeSql({ knownAt }), values, { plan: 'once' }),
  )
  return { ...scope!, asOf: formatInstant(new Date(scope!.at)) }
}

const scopeSql = ({ knownAt }: AsOf) => `
  WITH requested AS MATERIALIZED (
    SELECT as_sent, n, environment_name($tenant, key) AS name
    FROM unnest($requestedNames::text[], $requestedKeys::text[]) WITH ORDINALITY AS requested(as_sent, key, n)
  )
  SELECT ARRAY(SELECT name FROM requested ORDER BY n) AS environments,
    ARRAY(
      SELECT as_sent FROM requested
      WHERE NOT EXISTS (SELECT FROM environments($tenant) known WHERE known.name = requested.name)
        AND NOT EXISTS (SELECT FROM ${knownAt === undefined ? 'deployment_history' : everRecorded} h WHERE h.tenant = $tenant AND h.environment_name = requested.name
          ${knownAt === undefined ? '' : 'AND (h.voided_at IS NULL OR h.known_from > $knownAt::timestamptz)'})
        AND NOT EXISTS (SELECT FROM configuration_history h WHERE h.tenant = $tenant AND h.environment = requested.name)
      ORDER BY n
    ) AS unknown,
    ARRAY(SELECT name FROM environments($tenant) ORDER BY rank) AS pipeline,
    milliseconds(coalesce($asOf::timestamptz, date_trunc('milliseconds', statement_timestamp()))) AS at,
    ${positionsSql('deployments')} AS positions`

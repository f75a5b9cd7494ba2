import type { QueryResult } from '../sql/query-result.js'
import { positionsSql } from '../sql/query-result.js'
import { statement, type Query } from '#libs/postgres'

/** Sources of environments outside the pipeline: configurations and deployments. */
export type EnvironmentSource = 'configurations' | 'deployments'

/** Maximum number of names outside the pipeline. */
const MOST = 50

const columns = {
  configurations: { table: 'configuration_history', column: 'environment' },
  deployments: { table: 'deployment_history', column: 'environment_name' },
}

/** The environments of a tenant: the pipeline's in its order, then others by name, up to fifty. */
export async function knownEnvironments(
  query: Query,
  tenant: string,
  sources: readonly EnvironmentSource[],
): Promise<QueryResult<string[]>> {
  const text = `
    WITH RECURSIVE ${sources.map(stepping).join(', ')}, other AS (
      ${sources.map(source => `(SELECT name FROM ${source} WHERE name IS NOT NULL LIMIT ${MOST})`).join(' UNION ')}
    )
    SELECT ARRAY(SELECT name FROM environments($tenant) ORDER BY rank) || ARRAY(
        SELECT name FROM other WHERE NOT EXISTS (
          SELECT FROM environments($tenant) known WHERE other.name = ANY (known.words) OR other.name = known.name
        )
        ORDER BY name COLLATE "C" LIMIT ${MOST}
      ) AS names, ${positionsSql('deployments')} AS positions`
  const [row] = await query<{ names: string[]; positions: string }>(statement('known environments', text, { tenant }))
  return { body: row!.names, positions: row!.positions }
}

// planner: from one name to the next by an index lookup, independent of the number of rows.
function stepping(source: EnvironmentSource): string {
  const { table, column } = columns[source]
  return `${source}(name) AS (
    (SELECT ${column} FROM ${table} WHERE tenant = $tenant ORDER BY ${column} LIMIT 1)
    UNION ALL
    SELECT (SELECT h.${column} FROM ${table} h WHERE h.tenant = $tenant AND h.${column} > step.name ORDER BY h.${column} LIMIT 1)
    FROM ${source} step WHERE step.name IS NOT NULL
  )`
}

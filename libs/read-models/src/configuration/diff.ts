import { environmentKey, secretMask, type ConfigurationKind } from '#libs/contracts'
import { positionsSql, type QueryResult, type JsonText } from '../sql/query-result.js'
import type { AsOf } from '../sql/as-of.js'
import { statement, type Query, type Statement } from '#libs/postgres'
import { entriesAt, requestedEnvironments, UNKNOWN_ENVIRONMENTS } from './entries.js'

export interface DiffRequest extends AsOf {
  tenant: string
  /** Any name of the environment; aliases resolve. */
  source: string
  target: string
}

/**
 * The changes of promoting everything: keys that exist only in the source (`added`), in both with different values (`modified`), only in
 * the target (`removed`), by code point, and the number of equal ones; of configurations and of flags. Values are compared by the hash of
 * their canonical JSON; both sides are masked if either is a secret.
 */
export async function configurationDiff(query: Query, request: DiffRequest): Promise<QueryResult<DiffResponse>> {
  const [row] = await query<DiffResponse & { positions: string }>(diffStatement(request))
  const { json, unknown, positions } = row!
  return { body: { json, unknown }, positions }
}

export interface DiffResponse {
  json: JsonText
  /** Those of the two environments that neither the pipeline knows nor any configuration exists for, as requested. */
  unknown: string[]
}

/** The statement of a diff. */
export function diffStatement({ tenant, source, target, asOf, knownAt }: DiffRequest): Statement {
  const text = `
    WITH key AS (
      SELECT coalesce(source.kind, target.kind) AS kind, coalesce(source.key, target.key) AS key,
        CASE WHEN target.hash IS NULL THEN 'added' WHEN source.hash IS NULL THEN 'removed'
          WHEN source.hash = target.hash THEN 'unchanged' ELSE 'modified' END AS state,
        ${presented('source')} AS source_value, ${presented('target')} AS target_value
      FROM (${entriesAt({ asOf, knownAt }, '$sourceKey')}) source
      FULL JOIN (${entriesAt({ asOf, knownAt }, '$targetKey')}) target USING (kind, key)
    ), differing AS (
      SELECT kind, state, '[' || string_agg(
        concat('{"key":', to_json(key), ${memberOf('modified', 'sourceValue', 'source_value')},
          ${memberOf('modified', 'targetValue', 'target_value')}, ${memberOf('added', 'value', 'source_value')},
          ${memberOf('removed', 'value', 'target_value')}, '}'), ',' ORDER BY key) || ']' AS json
      FROM key WHERE state <> 'unchanged' GROUP BY kind, state
    )
    SELECT concat('{"sourceEnvironment":', to_json($source::text), ',"targetEnvironment":', to_json($target::text),
        ',', ${partOf('configuration')}, ',"flags":{', ${partOf('flag')}, '}',
        ',"asOf":"' || instant(${asOf === undefined ? 'NULL' : '$asOf'}::timestamptz) || '"', '}') AS json,
      ${UNKNOWN_ENVIRONMENTS} AS unknown,
      ${positionsSql('deployments')} AS positions`
  return statement('configuration diff', text, {
    tenant,
    source,
    target,
    sourceKey: environmentKey(source),
    targetKey: environmentKey(target),
    ...requestedEnvironments([source, target]),
    asOf,
    knownAt,
  })
}

const presented = (side: string) => `CASE
  WHEN source.hash = target.hash OR ${side}.hash IS NULL THEN NULL
  WHEN source.secret OR target.secret THEN '"${secretMask}"' ELSE ${side}.value::text END`

const memberOf = (state: string, name: string, column: string) =>
  `CASE WHEN state = '${state}' THEN ',"${name}":' || ${column} END`

const partOf = (kind: ConfigurationKind) =>
  `'${['added', 'modified', 'removed']
    .map(
      state =>
        `"${state}":', coalesce((SELECT json FROM differing WHERE kind = '${kind}' AND state = '${state}'), '[]')`,
    )
    .join(`, ',`)}, ',"unchanged":', (SELECT count(*) FROM key WHERE kind = '${kind}' AND state = 'unchanged')`

import { environmentKey, secretMask, type ConfigurationKind } from '#libs/contracts'
import { isHistorical, type Bind, type AsOf } from '../sql/as-of.js'
import { configurationNameSql, environmentNameSql } from '../pipeline/environment.js'

/** SQL: an environment of the tenant `$1`, by any of its names. */
export interface EntriesRequest extends AsOf {
  environment: string
  kind?: ConfigurationKind
}

/** SQL: conditions on rows `h` of an environment's history that are visible as of the requested times. */
export function visibleChanges({ environment, kind, asOf, knownAt }: EntriesRequest, bind: Bind): string {
  return [
    `h.tenant = $1 AND h.environment = ${configurationNameSql('$1', environmentNameSql('$1', environment, bind))}`,
    ...(kind === undefined ? [] : [`h.kind = ${bind(kind)}`]),
    ...(asOf === undefined ? [] : [`h.changed_at <= ${bind(asOf)}::timestamptz`]),
    ...(knownAt === undefined ? [] : [`h.recorded_at <= ${bind(knownAt)}::timestamptz`]),
  ].join(' AND ')
}

/** SQL: the requested environments that are not in the pipeline of the tenant `$1` and never had a configuration, by the requested names. */
export function unknownEnvironments(named: readonly string[], bind: Bind): string {
  return `ARRAY(
    SELECT asked.named FROM unnest(${bind(named)}::text[], ${bind(named.map(environmentKey))}::text[]) AS asked(named, key)
    WHERE NOT EXISTS (SELECT FROM environments($1) known WHERE asked.key = ANY (known.words))
      AND NOT EXISTS (SELECT FROM configuration_history h WHERE h.tenant = $1 AND h.environment = asked.key))`
}

const columns = 'h.kind, h.key, h.id, h.hash, h.value, h.secret, h.description, h.revision, h.changed_at, h.changed_by'

/**
 * SQL: the entries of an environment, one row per key. An environment's changes have one order, so an entry as of a time is the last change
 * until then.
 */
export function entriesAt(request: EntriesRequest, bind: Bind): string {
  if (!isHistorical(request))
    return `SELECT ${columns} FROM configuration_current h WHERE ${visibleChanges(request, bind)}`
  return `
    SELECT * FROM (
      SELECT DISTINCT ON (h.kind, h.key) ${columns} FROM configuration_history h
      WHERE ${visibleChanges(request, bind)} ORDER BY h.kind, h.key, h.revision DESC
    ) h WHERE h.hash IS NOT NULL`
}

/** SQL: the JSON text of a value, masked if it is secret. */
export const presentedValueSql = (row: string): string =>
  `CASE WHEN ${row}.secret THEN '"${secretMask}"' ELSE ${row}.value::text END`

// Each member is NULL if its value is absent, and concat skips NULL.
const member = (name: string, json: string) => `',"${name}":' || ${json}`
const text = (name: string, column: string) => member(name, `to_json(${column})::text`)

/** SQL: members of an entry, row `h`: `value` of a configuration; the members of the value of a flag. */
export const valueMembers = `CASE
    WHEN h.hash IS NULL THEN NULL
    WHEN h.kind = 'flag' AND NOT h.secret AND json_typeof(h.value) = 'object'
      THEN nullif(',' || substr(h.value::text, 2, length(h.value::text) - 2), ',')
    ELSE ',"value":' || ${presentedValueSql('h')} END,
  CASE WHEN h.secret THEN ',"secret":true' END, ${text('description', 'h.description')}`

/** SQL: members with the start and age of a difference. */
export const changeMembers = `${member('revision', 'h.revision::text')},
  ',"updatedAt":"' || instant(h.changed_at) || '"', ${text('updatedBy', 'h.changed_by')}`

/** SQL: the JSON text of a configuration or flag of a row `h`, as in the API. */
export const keyJson = `concat('{"id":"', h.id, '"', ${text('key', 'h.key')}, ${valueMembers}, ${changeMembers}, '}')`

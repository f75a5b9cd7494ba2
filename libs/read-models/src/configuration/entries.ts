import { environmentKey, secretMask, type ConfigurationKind } from '#libs/contracts'
import { isHistorical, type Bind, type AsOf } from '../sql/as-of.js'
import { configurationNameSql, environmentNameSql } from '../pipeline/environment.js'

/** An environment of the tenant `$1`, as a question names it. */
export interface EntriesRequest extends AsOf {
  environment: string
  kind?: ConfigurationKind
}

/** SQL: conditions of the changes of an environment that a look back sees. Of the row `h` of its history. */
export function visibleChanges({ environment, kind, asOf, knownAt }: EntriesRequest, bind: Bind): string {
  return [
    `h.tenant = $1 AND h.environment = ${configurationNameSql('$1', environmentNameSql('$1', environment, bind))}`,
    ...(kind === undefined ? [] : [`h.kind = ${bind(kind)}`]),
    ...(asOf === undefined ? [] : [`h.changed_at <= ${bind(asOf)}::timestamptz`]),
    ...(knownAt === undefined ? [] : [`h.recorded_at <= ${bind(knownAt)}::timestamptz`]),
  ].join(' AND ')
}

/** SQL: the environments of a question that are neither in the pipeline of the tenant `$1` nor ever held anything, as they are named there. */
export function unknownEnvironments(named: readonly string[], bind: Bind): string {
  return `ARRAY(
    SELECT asked.named FROM unnest(${bind(named)}::text[], ${bind(named.map(environmentKey))}::text[]) AS asked(named, key)
    WHERE NOT EXISTS (SELECT FROM environments($1) known WHERE asked.key = ANY (known.words))
      AND NOT EXISTS (SELECT FROM configuration_history h WHERE h.tenant = $1 AND h.environment = asked.key))`
}

const columns = 'h.kind, h.key, h.id, h.hash, h.value, h.secret, h.description, h.revision, h.changed_at, h.changed_by'

/**
 * SQL: what an environment holds, or held: one row a key. An environment's changes have one order, so what it held at a time is the last
 * one that had happened by then.
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

/** SQL: the JSON text of a value that may be shown. */
export const presentedValueSql = (row: string): string =>
  `CASE WHEN ${row}.secret THEN '"${secretMask}"' ELSE ${row}.value::text END`

// Each member is NULL where its value is absent, and concat leaves NULL out.
const member = (name: string, json: string) => `',"${name}":' || ${json}`
const text = (name: string, column: string) => member(name, `to_json(${column})::text`)

/** SQL: members of what stands under a key, row `h`: `value` of a configuration; of a flag what its value consists of. */
export const valueMembers = `CASE
    WHEN h.hash IS NULL THEN NULL
    WHEN h.kind = 'flag' AND NOT h.secret AND json_typeof(h.value) = 'object'
      THEN nullif(',' || substr(h.value::text, 2, length(h.value::text) - 2), ',')
    ELSE ',"value":' || ${presentedValueSql('h')} END,
  CASE WHEN h.secret THEN ',"secret":true' END, ${text('description', 'h.description')}`

/** SQL: members that say since when it is so. */
export const changeMembers = `${member('revision', 'h.revision::text')},
  ',"updatedAt":"' || instant(h.changed_at) || '"', ${text('updatedBy', 'h.changed_by')}`

/** SQL: the JSON text of a configuration or flag as the API has it, of a row `h`. */
export const keyJson = `concat('{"id":"', h.id, '"', ${text('key', 'h.key')}, ${valueMembers}, ${changeMembers}, '}')`

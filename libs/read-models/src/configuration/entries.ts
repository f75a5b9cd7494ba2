import { environmentKey, secretMask, type ConfigurationKind } from '#libs/contracts'
import { isHistorical, type AsOf } from '../sql/as-of.js'
import { configurationNameSql, environmentNameSql } from '../pipeline/environment.js'

/** What the text of a statement on entries depends on: which of `$kind`, `$asOf` and `$knownAt` it has. */
export interface EntriesScope extends AsOf {
  kind?: ConfigurationKind
}

/**
 * SQL: conditions on rows `h` of an environment's history that are visible as of the requested times.
 *
 * @param environment a parameter: the key of any of its names
 */
export function visibleChanges({ kind, asOf, knownAt }: EntriesScope, environment: string): string {
  return [
    `h.tenant = $tenant AND h.environment = ${configurationNameSql(environmentNameSql(environment))}`,
    ...(kind === undefined ? [] : ['h.kind = $kind']),
    ...(asOf === undefined ? [] : ['h.changed_at <= $asOf::timestamptz']),
    ...(knownAt === undefined ? [] : ['h.recorded_at <= $knownAt::timestamptz']),
  ].join(' AND ')
}

/**
 * SQL: the `requestedEnvironments` that are not in the pipeline of the tenant `$tenant` and never had a configuration, by the requested
 * names.
 */
export const UNKNOWN_ENVIRONMENTS = `ARRAY(
    SELECT requested.name FROM unnest($requestedNames::text[], $requestedKeys::text[]) AS requested(name, key)
    WHERE NOT EXISTS (SELECT FROM environments($tenant) known WHERE requested.key = ANY (known.words))
      AND NOT EXISTS (SELECT FROM configuration_history h WHERE h.tenant = $tenant AND h.environment = requested.key))`

/** The parameters of `UNKNOWN_ENVIRONMENTS`. @param names any names of environments */
export function requestedEnvironments(names: string[]): { requestedNames: string[]; requestedKeys: string[] } {
  return { requestedNames: names, requestedKeys: names.map(environmentKey) }
}

const columns = 'h.kind, h.key, h.id, h.hash, h.value, h.secret, h.description, h.revision, h.changed_at, h.changed_by'

/**
 * SQL: the entries of an environment, one row per key. An environment's changes have one order, so an entry as of a time is the last change
 * until then.
 *
 * @param environment a parameter: the key of any of its names
 */
export function entriesAt(scope: EntriesScope, environment = '$environment'): string {
  if (!isHistorical(scope))
    return `SELECT ${columns} FROM configuration_current h WHERE ${visibleChanges(scope, environment)}`
  return `
    SELECT * FROM (
      SELECT DISTINCT ON (h.kind, h.key) ${columns} FROM configuration_history h
      WHERE ${visibleChanges(scope, environment)} ORDER BY h.kind, h.key, h.revision DESC
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

import { environmentKey } from '#libs/contracts'
import { simplified, valuesOf, type OneOrMore } from '../sql/filter.js'

/**
 * SQL: the name of an environment of the tenant `$tenant`. A subquery, so that it is evaluated once per statement, not per row.
 *
 * @param key a parameter: the key of any of its names (`environmentKeyOf`)
 */
export const environmentNameSql = (key: string): string => `(SELECT environment_name($tenant, ${key}))`

/** The value of such a parameter; absent without an environment. */
export function environmentKeyOf(environment: string | undefined): string | undefined {
  return environment === undefined ? undefined : environmentKey(environment)
}

/** The same for a parameter that may be NULL. */
export function environmentParameter(environment: string | undefined): string | null {
  return environmentKeyOf(environment) ?? null
}

/** SQL: the name of the pipeline's first environment of a tenant. */
export const firstEnvironmentSql = (tenant: string): string =>
  `(SELECT name FROM environments(${tenant}) ORDER BY rank LIMIT 1)`

/** SQL: the name of an environment's configuration. @param name SQL of the pipeline's name of the environment */
export const configurationNameSql = (name: string): string => `(SELECT configuration_name($tenant, ${name}))`

/** SQL: the names of the environments with the keys `$environments`, an array. */
export const environmentNamesSql =
  '(SELECT array_agg(DISTINCT environment_name($tenant, key) COLLATE "C") FROM unnest($environments::text[]) key)'

/** SQL: whether `column` is the requested environment, or one of them; by the parameters of `environmentValues`. */
export function isEnvironmentSql(column: string, filter: OneOrMore | undefined): string | undefined {
  const environment = simplified(environmentKeysOf(filter))
  if (environment === undefined) return undefined
  if (typeof environment === 'string') return `${column} = ${environmentNameSql('$environment')}`
  // Without the cast, ANY would take the subquery for one of rows.
  return `${column} = ANY (${environmentNamesSql}::text[])`
}

export function environmentValues(filter: OneOrMore | undefined): { environment?: string; environments?: string[] } {
  const environment = simplified(environmentKeysOf(filter))
  return typeof environment === 'string' ? { environment } : { environments: environment }
}

/** The names of a filter without those that differ in case and spaces only; a single one as such. */
export function simplifiedEnvironment(filter: OneOrMore | undefined): string | string[] | undefined {
  const names = valuesOf(filter)
  return names && simplified([...new Map(names.map(name => [environmentKey(name), name])).values()])
}

/** The distinct keys of the names of a filter. */
function environmentKeysOf(filter: OneOrMore | undefined): string[] | undefined {
  return valuesOf(valuesOf(filter)?.map(environmentKey))
}

import { environmentKey } from '#libs/contracts'

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

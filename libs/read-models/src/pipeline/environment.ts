import { environmentKey } from '#libs/contracts'
import type { Bind } from '../sql/as-of.js'

/**
 * SQL: the name of an environment of a tenant, by any of its names. A subquery, so that it is evaluated once per statement, not per row.
 * `environment_name` takes a key.
 */
export function environmentNameSql(tenant: string, environment: string, bind: Bind): string {
  return `(SELECT environment_name(${tenant}, ${bind(environmentKey(environment))}))`
}

/** A statement parameter: the key of an environment; NULL without one. */
export function environmentParameter(environment: string | undefined): string | null {
  return environment === undefined ? null : environmentKey(environment)
}

/** SQL: the name of the pipeline's first environment of a tenant. */
export const firstEnvironmentSql = (tenant: string): string =>
  `(SELECT name FROM environments(${tenant}) ORDER BY rank LIMIT 1)`

/** SQL: the name of an environment's configuration. @param name SQL of the pipeline's name of the environment */
export const configurationNameSql = (tenant: string, name: string): string =>
  `(SELECT configuration_name(${tenant}, ${name}))`

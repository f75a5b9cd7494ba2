import { environmentKey } from '#libs/contracts'
import type { Bind } from '../sql/as-of.js'

/**
 * SQL: the one name of an environment of a tenant, by any of its names. A query of its own: it is asked once a statement, not once a row.
 * `environment_name` wants a key.
 */
export function environmentNameSql(tenant: string, environment: string, bind: Bind): string {
  return `(SELECT environment_name(${tenant}, ${bind(environmentKey(environment))}))`
}

/** A parameter of a statement: what an environment is compared by; NULL where none is named. */
export function environmentParameter(environment: string | undefined): string | null {
  return environment === undefined ? null : environmentKey(environment)
}

/** SQL: the name of the environment where the pipeline of a tenant begins. */
export const firstEnvironmentSql = (tenant: string): string =>
  `(SELECT name FROM environments(${tenant}) ORDER BY rank LIMIT 1)`

/** SQL: the name of an environment's configuration. @param name SQL of the pipeline's name of the environment */
export const configurationNameSql = (tenant: string, name: string): string =>
  `(SELECT configuration_name(${tenant}, ${name}))`

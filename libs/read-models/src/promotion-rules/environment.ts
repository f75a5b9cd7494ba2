/** SQL: the pipeline's name of an environment of a tenant. A query of its own: it is asked once a statement, not once a row. */
export function environmentNameSql(tenant: string, environment: string): string {
  return `(SELECT environment_name(${tenant}, ${environment}))`
}

/** SQL: the name of the environment where the pipeline of a tenant begins. */
export const firstEnvironmentSql = (tenant: string): string =>
  `(SELECT name FROM environments(${tenant}) ORDER BY rank LIMIT 1)`

/** SQL: the name of an environment's configuration. @param name SQL of the pipeline's name of the environment */
export const configurationNameSql = (tenant: string, name: string): string =>
  `(SELECT configuration_name(${tenant}, ${name}))`

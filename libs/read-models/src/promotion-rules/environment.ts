/** SQL: the pipeline's name of an environment of a tenant. A query of its own: it is asked once a statement, not once a row. */
export function environmentNameSql(tenant: string, environment: string): string {
  return `(SELECT environment_name(${tenant}, ${environment}))`
}

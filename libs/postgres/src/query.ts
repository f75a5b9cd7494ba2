export interface Statement {
  /** Identifies the statement in logs, and with `plan: 'once'` on a connection. From a small, fixed set. */
  name?: string
  text: string
  values: unknown[]
  /**
   * `once`: prepared under its name and planned once per connection. Only for statements whose every step uses one index for all values,
   * and which run so often that planning would be noticeable. By default planned for its values each time: from the sixth execution on,
   * Postgres may plan a prepared statement for average values, and no average describes tenants, tags and times: a page of active
   * deployments as of a time took 15 s by such a plan instead of 30 ms.
   */
  plan?: 'once'
}

/** Runs one statement and returns its rows. */
export type Query = <Row>(statement: Statement) => Promise<Row[]>

/** A statement for `pg`: named only if it is planned once. */
export function toQueryConfig({ name, text, values, plan }: Statement): {
  name?: string
  text: string
  values: unknown[]
} {
  return plan === 'once' ? { name, text, values } : { text, values }
}

/** A name for the statement of a query: filters (neither `undefined` nor `false`) change its text. */
export function statementName(request: string, filtered: Record<string, unknown>): string {
  const words = Object.keys(filtered).filter(word => filtered[word] !== undefined && filtered[word] !== false)
  return [request, ...words].join(' ')
}

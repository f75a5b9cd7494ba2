export interface Statement {
  /** Identifies it in logs; with `plan: 'once'` also on a connection. From a fixed, small set. */
  name?: string
  text: string
  values: unknown[]
  /**
   * `once`: prepared under its name and planned once a connection. Only for statements whose every step is found by one index whatever the
   * values are, and which run so often that planning (as long as a page of history takes, and more) would show. Left out: planned for its
   * values each time. From the sixth execution on, Postgres may plan a prepared statement for average values, and no average describes
   * tenants, tags and times: a page of what ran has taken 15 s by such a plan instead of 30 ms.
   */
  plan?: 'once'
}

/** Runs one statement and gives its rows. */
export type Query = <Row>(statement: Statement) => Promise<Row[]>

/** A statement as `pg` takes it: under its name only where it is planned once. */
export function toQueryConfig({ name, text, values, plan }: Statement): {
  name?: string
  text: string
  values: unknown[]
} {
  return plan === 'once' ? { name, text, values } : { text, values }
}

/** A name for the statement of a question: what narrows it (neither `undefined` nor `false`) makes its text another one. */
export function statementName(request: string, filtered: Record<string, unknown>): string {
  const words = Object.keys(filtered).filter(word => filtered[word] !== undefined && filtered[word] !== false)
  return [request, ...words].join(' ')
}

export interface Statement {
  /** Named statements are planned once a connection: for a fixed, small set of texts. */
  name?: string
  text: string
  values: unknown[]
}

/** Runs one statement and gives its rows. */
export type Query = <Row>(statement: Statement) => Promise<Row[]>

/** A name for the statement of a question: what narrows it (neither `undefined` nor `false`) makes its text another one. */
export function statementName(question: string, narrowed: Record<string, unknown>): string {
  const words = Object.keys(narrowed).filter(word => narrowed[word] !== undefined && narrowed[word] !== false)
  return [question, ...words].join(' ')
}

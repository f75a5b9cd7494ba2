export interface Statement {
  /** Named statements are planned once a connection: for a fixed, small set of texts. */
  name?: string
  text: string
  values: unknown[]
}

/** Runs one statement and gives its rows. */
export type Query = <Row>(statement: Statement) => Promise<Row[]>

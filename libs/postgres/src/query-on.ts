import type { ClientBase, Pool } from 'pg'
import type { Query, Statement } from './statement.js'

/** A statement for `pg`: with a name only if it is prepared. */
export function toQueryConfig({ prepared, text, values }: Statement): {
  name?: string
  text: string
  values: unknown[]
} {
  return prepared === undefined ? { text, values } : { name: prepared, text, values }
}

/** Runs statements on one connection, or each on one of a pool. */
export function queryOn(client: Pick<ClientBase | Pool, 'query'>): Query {
  return async <Row>(statement: Statement) => (await client.query(toQueryConfig(statement))).rows as Row[]
}

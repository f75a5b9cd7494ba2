import { plainArray, textArray, type Value } from './array-literal.js'

/** A column, and its value in a row. */
export interface Column<Row> {
  name: string
  type: 'text' | 'json' | 'uuid' | 'boolean' | 'smallint' | 'integer' | 'bigint' | 'timestamptz'
  value(row: Row): Value
}

/** Rows as parameters of a statement, one array a column: the text does not depend on their number. */
export interface RowSet<Row> {
  /** SQL: the names of the columns, as a list. */
  columns: string
  /** SQL: a relation with these columns, for FROM. */
  sql: string
  /** SQL: the same with a further column `n`, the number of a row from 1. */
  numbered: string
  /** The parameters of rows. */
  values(rows: readonly Row[]): Record<string, string>
}

/** @param alias of the relation; the parameters are `$<alias>_<column>` */
export function rowSet<Row>(alias: string, columns: readonly Column<Row>[]): RowSet<Row> {
  const names = columns.map(({ name }) => name).join(', ')
  const arrays = columns.map(({ name, type }) => `$${alias}_${name}::${type}[]`).join(', ')
  return {
    columns: names,
    sql: `unnest(${arrays}) AS ${alias}(${names})`,
    numbered: `unnest(${arrays}) WITH ORDINALITY AS ${alias}(${names}, n)`,
    values: rows => {
      const values: Record<string, string> = {}
      for (const { name, type, value } of columns) {
        const array =
          type === 'text' || type === 'json' ? textArray(rows.map(value) as string[]) : plainArray(rows.map(value))
        values[`${alias}_${name}`] = array
      }
      return values
    },
  }
}

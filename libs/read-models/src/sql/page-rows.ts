// How many rows to fetch stands in the statement, or the planner would not know that they are few; few different numbers, so that
// statements can stay prepared.
const FETCHED = [11, 51, 101, 501]

/** How many rows to fetch for a page of `limit`, 1 to 500: at least one more. */
export function rowsFetched(limit: number): number {
  return FETCHED.find(count => count > limit)!
}

/** Bytes of a page at most: it ends before what would exceed them, but has one row. */
const PAGE_BYTES = 8 * 1024 * 1024

/** SQL: of the rows of a page, in its order, a window for `bytesBeforeSql`. */
export const bytesWindow = (order = ''): string => `w AS (${order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)`

/** SQL: how many bytes the rows before take, of `bytes` of a row; over the `bytesWindow`. */
export const bytesBeforeSql = (bytes: string): string => `coalesce(sum(${bytes}) OVER w, 0)`

/** SQL: how many rows of `page` (n, bytes_before) are answered; at most so many as the parameter `limit` says. */
export const keptRowsSql = (limit: string): string =>
  `SELECT max(n) AS n FROM page WHERE n <= ${limit} AND bytes_before < ${PAGE_BYTES}`

/** SQL: bytes of a JSON value of any size; 0 where they are few. Whether they are is told without reading the value. */
export const largeJsonBytesSql = (column: string): string =>
  `CASE WHEN pg_column_size(${column}) > 1000 OR pg_column_compression(${column}) IS NOT NULL
    THEN octet_length(${column}::text) ELSE 0 END`

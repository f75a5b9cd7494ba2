// planner: the number of rows is part of the statement, so that the planner knows it; it has few different values, so that statements stay
// prepared.
const FETCHED = [11, 51, 101, 501]

/** Number of rows to fetch for a page of `limit`, 1 to 500: at least one more. */
export function rowsFetched(limit: number): number {
  return FETCHED.find(count => count > limit)!
}

/** Maximum size of a page in bytes: it ends before the row that would exceed it, but has at least one row. */
export const PAGE_BYTES = 8 * 1024 * 1024

/** SQL: a window over the rows of a page in its order, for `bytesBeforeSql`. */
export const bytesWindow = (order = ''): string => `w AS (${order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)`

/** SQL: size of the previous rows, by `bytes` of a row, over the `bytesWindow`. */
export const bytesBeforeSql = (bytes: string): string => `coalesce(sum(${bytes}) OVER w, 0)`

/** SQL: number of rows of `page` (n, bytes_before) in the response, at most the parameter `limit`. */
export const keptRowsSql = (limit: string): string =>
  `SELECT max(n) AS n FROM page WHERE n <= ${limit} AND bytes_before < ${PAGE_BYTES}`

/** SQL: size of a JSON value in bytes; 0 for small ones, which is determined without reading the value. */
export const largeJsonBytesSql = (column: string): string =>
  `CASE WHEN pg_column_size(${column}) > 1000 OR pg_column_compression(${column}) IS NOT NULL
    THEN octet_length(${column}::text) ELSE 0 END`

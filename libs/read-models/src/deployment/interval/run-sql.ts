/** SQL: when a successful deployment stopped being active, or would have; `infinity` if it was never rolled back. */
export const runUntilSql = (row: string): string =>
  `CASE WHEN ${row}.status = 'DEPLOYED' THEN 'infinity' ELSE ${row}.rolled_back_at END`

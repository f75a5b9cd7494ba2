/** SQL: when a deployment that has succeeded ceased to run, or would; `infinity`: it was never rolled back. */
export const runUntilSql = (row: string): string =>
  `CASE WHEN ${row}.status = 'DEPLOYED' THEN 'infinity' ELSE ${row}.rolled_back_at END`

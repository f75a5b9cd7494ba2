/** SQL: milliseconds between two instants. */
export const millisecondsSql = (from: string, to: string): string =>
  `(extract(epoch FROM ${to} - ${from}) * 1000)::bigint`

/** SQL: when it finished; ties by the log. */
export const finishOf = (a: string): string => `(${a}.finished_at, ${a}.log_order)`

// Conditions and orders of rows, for the reasons that deployment-history/probes.ts gives: one index alone serves each.
const placeColumns = ['tenant', 'application', 'environment_name']
const tagColumns = ['tenant', 'image_tag', 'application', 'environment_name']
const finishColumns = ['finished_at', 'log_order']
const of = (alias: string, columns: string[]) => columns.map(column => `${alias}.${column}`).join(', ')
const ordered = (alias: string, columns: string[], direction = '') =>
  [...columns, ...finishColumns].map(column => `${alias}.${column}${direction}`).join(', ')

/** SQL: a success in the place of `b` that finished before it; the latest first. */
export const lastSuccessBefore = (a: string, b: string): string => `
  (${of(a, [...placeColumns, ...finishColumns])}) < (${of(b, [...placeColumns, ...finishColumns])})
  AND (${of(a, placeColumns)}) >= (${of(b, placeColumns)}) AND ${a}.succeeded
  ORDER BY ${ordered(a, placeColumns, ' DESC')} LIMIT 1`

/** SQL: a success in the place of `b` that finished after it; the earliest first. */
export const nextSuccessAfter = (a: string, b: string): string => `
  (${of(a, [...placeColumns, ...finishColumns])}) > (${of(b, [...placeColumns, ...finishColumns])})
  AND (${of(a, placeColumns)}) <= (${of(b, placeColumns)}) AND ${a}.succeeded
  ORDER BY ${ordered(a, placeColumns)} LIMIT 1`

/** SQL: a fault in the place of `b`, finished before it, and with or after `first`, which may be empty. */
export const faultsBetween = (a: string, first: string, b: string): string => `
  (${of(a, [...placeColumns, ...finishColumns])}) < (${of(b, [...placeColumns, ...finishColumns])})
  AND (${of(a, [...placeColumns, ...finishColumns])})
    >= (${of(b, placeColumns)}, coalesce(${first}.finished_at, '-infinity'), coalesce(${first}.log_order, 0))
  AND ${a}.fault IS NOT NULL ORDER BY ${ordered(a, placeColumns)} OFFSET 0`

/** SQL: a success with the tag of `b` in its application and an environment; the earliest first. */
export const firstOfTag = (a: string, b: string, environment: string, condition = ''): string => `
  (${of(a, tagColumns)}) >= (${of(b, tagColumns.slice(0, -1))}, ${environment})
  AND (${of(a, tagColumns)}) <= (${of(b, tagColumns.slice(0, -1))}, ${environment})
  AND ${a}.succeeded ${condition}
  ORDER BY ${ordered(a, tagColumns)} LIMIT 1`

/** SQL: a success with the tag of `b` in its application, in an environment after this one by name; the first of these first. */
export const nextEnvironmentOfTag = (a: string, b: string, after: string): string => `
  (${of(a, tagColumns)}) > (${of(b, tagColumns.slice(0, -1))}, ${after})
  AND (${of(a, tagColumns.slice(0, -1))}) <= (${of(b, tagColumns.slice(0, -1))}) AND ${a}.succeeded
  ORDER BY ${ordered(a, tagColumns)} LIMIT 1`

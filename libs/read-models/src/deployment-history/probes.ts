/** SQL: the same tenant, application and environment. */
export const samePlace = (a: string, b: string): string =>
  `${a}.tenant = ${b}.tenant AND ${a}.application = ${b}.application AND ${a}.environment_name = ${b}.environment_name`

/** SQL: when it started; ties by the log. */
export const startOf = (a: string): string => `(${a}.deployed_at, ${a}.log_order)`

// What follows says `=` as `>=` and `<=` of rows, and orders by all columns of one index. By equalities the planner would know
// that an order by start is enough, and take whichever of five indexes it believes to be the densest; of tables that have just begun
// to fill it believes wrong things, and reads thousands of rows for one. So put, only one index gives the order.
const placeColumns = ['tenant', 'application', 'environment_name']
const tagColumns = ['tenant', 'image_tag', 'application', 'environment_name']
const startColumns = ['deployed_at', 'log_order']
const of = (alias: string, columns: string[]) => columns.map(column => `${alias}.${column}`).join(', ')
const same = (a: string, b: string, columns: string[]) =>
  `(${of(a, columns)}) >= (${of(b, columns)}) AND (${of(a, columns)}) <= (${of(b, columns)})`
const ordered = (alias: string, columns: string[], direction = '') =>
  [...columns, ...startColumns].map(column => `${alias}.${column}${direction}`).join(', ')

/** SQL: in the place of `b`, and started before it; the latest first. */
export const justBefore = (a: string, b: string, condition: string): string => `
  (${of(a, [...placeColumns, ...startColumns])}) < (${of(b, [...placeColumns, ...startColumns])})
  AND (${of(a, placeColumns)}) >= (${of(b, placeColumns)}) AND ${condition}
  ORDER BY ${ordered(a, placeColumns, ' DESC')}`

/** SQL: in the place of `b`, and started with it or after it; the earliest first. */
export const fromThereOn = (a: string, b: string, condition: string): string => `
  (${of(a, [...placeColumns, ...startColumns])}) >= (${of(b, [...placeColumns, ...startColumns])})
  AND (${of(a, placeColumns)}) <= (${of(b, placeColumns)}) AND ${condition}
  ORDER BY ${ordered(a, placeColumns)}`

/** SQL: in the place of `b`; the latest first. */
export const latestIn = (a: string, b: string, condition: string): string => `
  ${same(a, b, placeColumns)} AND ${condition} ORDER BY ${ordered(a, placeColumns, ' DESC')}`

/** SQL: in the place of `b`, with its tag; the earliest first. */
export const withTagOf = (a: string, b: string, condition: string): string => `
  ${same(a, b, tagColumns)} AND ${condition} ORDER BY ${ordered(a, tagColumns)}`

/** SQL: in the place of `b`, with its tag, and started before it; the earliest first. */
export const withTagBefore = (a: string, b: string, condition: string): string => `
  (${of(a, tagColumns)}) >= (${of(b, tagColumns)})
  AND (${of(a, [...tagColumns, ...startColumns])}) < (${of(b, [...tagColumns, ...startColumns])}) AND ${condition}
  ORDER BY ${ordered(a, tagColumns)}`

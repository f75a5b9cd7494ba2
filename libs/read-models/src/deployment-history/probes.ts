/** SQL: the same tenant, application and environment. */
export const samePlace = (a: string, b: string): string =>
  `${a}.tenant = ${b}.tenant AND ${a}.application = ${b}.application AND ${a}.environment_name = ${b}.environment_name`

/** SQL: when it started; ties by the log. */
export const startOf = (a: string): string => `(${a}.deployed_at, ${a}.log_order)`

// What follows says `=` as `>=` and `<=` of rows, and orders by all columns of one index. By equalities the planner would know
// that an order by start is enough, and take whichever of five indexes it believes to be the densest; of tables that have just begun
// to fill it believes wrong things, and reads thousands of rows for one. So put, only one index gives the order.
export const placeColumns = ['tenant', 'application', 'environment_name']
export const tagColumns = ['tenant', 'image_tag', 'application', 'environment_name']
const startColumns = ['deployed_at', 'log_order']
const startInPlace = [...placeColumns, ...startColumns]
const startOfTag = [...tagColumns, ...startColumns]

/** SQL: columns of `alias`, as a list. */
export const columnsOf = (alias: string, columns: readonly string[]): string =>
  columns.map(column => `${alias}.${column}`).join(', ')

/** SQL: the same list, to order by. */
export const orderedBy = (alias: string, columns: readonly string[], direction = ''): string =>
  columns.map(column => `${alias}.${column}${direction}`).join(', ')

const same = (a: string, b: string, columns: readonly string[]) =>
  `(${columnsOf(a, columns)}) >= (${columnsOf(b, columns)}) AND (${columnsOf(a, columns)}) <= (${columnsOf(b, columns)})`

/** SQL: in the place of `b`, and started before it; the latest first. */
export const justBefore = (a: string, b: string, condition: string): string => `
  (${columnsOf(a, startInPlace)}) < (${columnsOf(b, startInPlace)})
  AND (${columnsOf(a, placeColumns)}) >= (${columnsOf(b, placeColumns)}) AND ${condition}
  ORDER BY ${orderedBy(a, startInPlace, ' DESC')}`

/** SQL: the same where it is known not to be before `last_at`, `last_log_order` of `b`. */
export const justBeforeFromLast = (a: string, b: string, condition: string): string => `
  (${columnsOf(a, startInPlace)}) < (${columnsOf(b, startInPlace)})
  AND (${columnsOf(a, startInPlace)}) >= (${columnsOf(b, [...placeColumns, 'last_at', 'last_log_order'])}) AND ${condition}
  ORDER BY ${orderedBy(a, startInPlace, ' DESC')}`

/** SQL: in the place of `b`, and started with it or after it; the earliest first. */
export const fromThereOn = (a: string, b: string, condition: string): string => `
  (${columnsOf(a, startInPlace)}) >= (${columnsOf(b, startInPlace)})
  AND (${columnsOf(a, placeColumns)}) <= (${columnsOf(b, placeColumns)}) AND ${condition}
  ORDER BY ${orderedBy(a, startInPlace)}`

/** SQL: in the place of `b`; the latest first. */
export const latestIn = (a: string, b: string, condition: string): string => `
  ${same(a, b, placeColumns)} AND ${condition} ORDER BY ${orderedBy(a, startInPlace, ' DESC')}`

/** SQL: in the place of `b`, with its tag; the earliest first. */
export const withTagOf = (a: string, b: string, condition: string): string => `
  ${same(a, b, tagColumns)} AND ${condition} ORDER BY ${orderedBy(a, startOfTag)}`

/** SQL: in the place of `b`, with its tag, and started before it; the earliest first. */
export const withTagBefore = (a: string, b: string, condition: string): string => `
  (${columnsOf(a, tagColumns)}) >= (${columnsOf(b, tagColumns)})
  AND (${columnsOf(a, startOfTag)}) < (${columnsOf(b, startOfTag)}) AND ${condition}
  ORDER BY ${orderedBy(a, startOfTag)}`

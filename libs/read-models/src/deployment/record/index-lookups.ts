/** SQL: the same tenant, application and environment. */
export const sameSlot = (a: string, b: string): string =>
  `${a}.tenant = ${b}.tenant AND ${a}.application = ${b}.application AND ${a}.environment_name = ${b}.environment_name`

/** SQL: the start; ties by the log. */
export const startOf = (a: string): string => `(${a}.deployed_at, ${a}.log_order)`

// planner: the following conditions express `=` as `>=` and `<=` of rows, and order by all columns of one index. With equalities the
// planner would know that an order by start suffices, and choose one of five indexes by estimated density; for tables that are just being
// filled the estimates are wrong, and it would read thousands of rows for one. In this form only one index provides the order.
export const slotColumns = ['tenant', 'application', 'environment_name']
export const tagColumns = ['tenant', 'image_tag', 'application', 'environment_name']
export const startColumns = ['deployed_at', 'log_order']
const startInSlot = [...slotColumns, ...startColumns]
const startOfOutcome = [...slotColumns, 'status', ...startColumns]
const startOfSuccessfulTag = [...tagColumns, 'succeeded', ...startColumns]
const startOfTag = [...tagColumns, ...startColumns]

/** SQL: columns of `alias`, as a list. */
export const columnsOf = (alias: string, columns: readonly string[]): string =>
  columns.map(column => `${alias}.${column}`).join(', ')

/** SQL: the same list, to order by. */
export const orderedBy = (alias: string, columns: readonly string[], direction = ''): string =>
  columns.map(column => `${alias}.${column}${direction}`).join(', ')

/** SQL: a list of columns equals another list. */
export const withinKey = (columns: string, values: string): string =>
  `(${columns}) >= (${values}) AND (${columns}) <= (${values})`

const same = (a: string, b: string, columns: readonly string[]) =>
  withinKey(columnsOf(a, columns), columnsOf(b, columns))

/** SQL: rows with the key of `b`, the columns of one index; in a subquery, since the planner might otherwise join by another index of the tenant. */
export const withKey = (a: string, b: string, columns: readonly string[]): string =>
  `${same(a, b, columns)} ORDER BY ${orderedBy(a, columns)} OFFSET 0`

/** SQL: the same for the deployment that `b` names. */
export const withId = (a: string, b: string): string => withKey(a, b, ['tenant', 'deployment_id'])

/** SQL: in the slot of `b`, started before it; latest first. */
export const justBefore = (a: string, b: string, condition: string): string => `
  (${columnsOf(a, startInSlot)}) < (${columnsOf(b, startInSlot)})
  AND (${columnsOf(a, slotColumns)}) >= (${columnsOf(b, slotColumns)}) AND ${condition}
  ORDER BY ${orderedBy(a, startInSlot, ' DESC')}`

/** SQL: a deployment in the slot of `b` that was never rolled back; latest start first. */
export const latestDeployed = (a: string, b: string): string => `
  (${columnsOf(a, slotColumns)}, ${a}.status) >= (${columnsOf(b, slotColumns)}, 'DEPLOYED')
  AND (${columnsOf(a, slotColumns)}, ${a}.status) <= (${columnsOf(b, slotColumns)}, 'DEPLOYED') AND ${a}.succeeded
  ORDER BY ${orderedBy(a, startOfOutcome, ' DESC')}`

/** SQL: in the slot of `b`, started after it and before its finish; latest first. */
export const startedWhile = (a: string, b: string, condition: string): string => `
  (${columnsOf(a, [...slotColumns, 'deployed_at'])}) > (${columnsOf(b, [...slotColumns, 'deployed_at'])})
  AND (${columnsOf(a, [...slotColumns, 'deployed_at'])}) < (${columnsOf(b, [...slotColumns, 'finished_at'])}) AND ${condition}
  ORDER BY ${orderedBy(a, startInSlot, ' DESC')}`

/** SQL: in the slot of `b`, with its tag; earliest first. */
export const withTagOf = (a: string, b: string, condition: string): string => `
  ${same(a, b, tagColumns)} AND ${condition} ORDER BY ${orderedBy(a, startOfTag)}`

/** SQL: in the slot of `b`, with its tag, started before it; earliest first. */
export const withTagBefore = (a: string, b: string, condition: string): string => `
  (${columnsOf(a, tagColumns)}) >= (${columnsOf(b, tagColumns)})
  AND (${columnsOf(a, startOfTag)}) < (${columnsOf(b, startOfTag)}) AND ${condition}
  ORDER BY ${orderedBy(a, startOfTag)}`

// A success is DEPLOYED or ROLLED_BACK. An index has all of them by start, without failed and pending deployments between them.
const ofEachOutcome = (query: (status: string) => string) =>
  `((${query('DEPLOYED')}) UNION ALL (${query('ROLLED_BACK')}))`

/**
 * SQL: a relation, for LATERAL: the success in the slot of `b` that started last before it, and not before its `last_at`, `last_log_order`.
 * @param columns of deployment_history, including the start
 */
export const lastSuccessBefore = (b: string, columns: readonly string[]): string => `(
  SELECT * FROM ${ofEachOutcome(
    status => `
    SELECT ${columnsOf('h', columns)} FROM deployment_history h
    WHERE (${columnsOf('h', startOfOutcome)}) < (${columnsOf(b, slotColumns)}, '${status}', ${columnsOf(b, startColumns)})
      AND (${columnsOf('h', startOfOutcome)}) >= (${columnsOf(b, slotColumns)}, '${status}', ${b}.last_at, ${b}.last_log_order)
      AND h.succeeded
    ORDER BY ${orderedBy('h', startOfOutcome, ' DESC')} LIMIT 1`,
  )} outcome ORDER BY deployed_at DESC, log_order DESC LIMIT 1)`

/** SQL: the same for the first `count` successes that started with `b` or after it, and before its `next_at`, `next_log_order`. */
export const successesFrom = (b: string, columns: readonly string[], count: number): string => `(
  SELECT * FROM ${ofEachOutcome(
    status => `
    SELECT ${columnsOf('h', columns)} FROM deployment_history h
    WHERE (${columnsOf('h', startOfOutcome)}) >= (${columnsOf(b, slotColumns)}, '${status}', ${columnsOf(b, startColumns)})
      AND (${columnsOf('h', startOfOutcome)}) < (${columnsOf(b, slotColumns)}, '${status}', ${b}.next_at, ${b}.next_log_order)
      AND h.succeeded
    ORDER BY ${orderedBy('h', startOfOutcome)} LIMIT ${count}`,
  )} outcome ORDER BY deployed_at, log_order LIMIT ${count})`

/** SQL: the same for successes that started with `b` or after it, up to its `until_at`, `until_log_order`; unordered. */
export const successesBetween = (b: string, columns: readonly string[], count: number): string =>
  ofEachOutcome(
    status => `
    SELECT ${columnsOf('h', columns)} FROM deployment_history h
    WHERE (${columnsOf('h', startOfOutcome)}) >= (${columnsOf(b, slotColumns)}, '${status}', ${columnsOf(b, startColumns)})
      AND (${columnsOf('h', startOfOutcome)}) <= (${columnsOf(b, slotColumns)}, '${status}', ${b}.until_at, ${b}.until_log_order)
      AND h.succeeded
    ORDER BY ${orderedBy('h', startOfOutcome)} LIMIT ${count}`,
  )

/** SQL: a success in the slot of `b` with its tag; earliest start first. */
export const successWithTagOf = (a: string, b: string, condition = 'true'): string => `
  (${columnsOf(a, tagColumns)}, ${a}.succeeded) >= (${columnsOf(b, tagColumns)}, true)
  AND (${columnsOf(a, tagColumns)}, ${a}.succeeded) <= (${columnsOf(b, tagColumns)}, true) AND ${a}.succeeded AND ${condition}
  ORDER BY ${orderedBy(a, startOfSuccessfulTag)}`

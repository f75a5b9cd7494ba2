import { columnsOf, orderedBy, slotColumns, tagColumns, withKey } from '../../deployment/record/index-lookups.js'

/** SQL: milliseconds between two instants. */
export const millisecondsSql = (from: string, to: string): string =>
  `(extract(epoch FROM ${to} - ${from}) * 1000)::bigint`

/** Follows every `log_order`. */
export const LAST_ORDER = '9223372036854775807'

/** SQL: the finish; ties by the log. */
export const finishOf = (a: string): string => `(${a}.finished_at, ${a}.log_order)`

// planner: conditions and orders of rows, for the reasons in index-lookups.ts: only one index serves each.
const commitColumns = ['tenant', 'sha', 'application', 'environment_name']
const finishColumns = ['finished_at', 'log_order']
const finishInSlot = [...slotColumns, ...finishColumns]
const incidentInSlot = [...slotColumns, 'incident_at']
const finishOfTag = [...tagColumns, ...finishColumns]

/** SQL: a success in the slot of `b` that finished before it, and not before its `last_at`, `last_log_order`; latest first. */
export const lastSuccessBefore = (a: string, b: string): string => `
  (${columnsOf(a, finishInSlot)}) < (${columnsOf(b, finishInSlot)})
  AND (${columnsOf(a, finishInSlot)}) >= (${columnsOf(b, [...slotColumns, 'last_at', 'last_log_order'])})
  AND ${a}.succeeded ORDER BY ${orderedBy(a, finishInSlot, ' DESC')} LIMIT 1`

/** SQL: a success in the slot of `b` that finished after it; earliest first. */
export const nextSuccessAfter = (a: string, b: string): string => `
  (${columnsOf(a, finishInSlot)}) > (${columnsOf(b, finishInSlot)})
  AND (${columnsOf(a, slotColumns)}) <= (${columnsOf(b, slotColumns)}) AND ${a}.succeeded
  ORDER BY ${orderedBy(a, finishInSlot)} LIMIT 1`

/**
 * SQL: a row, for LATERAL: the point of the order of finishes after which the next success is the recovery of `h` from an incident: its start,
 * or the finish of `h` if that is later.
 */
export const afterIncident = (h: string, startedAt: string): string => `
  SELECT ${columnsOf(h, slotColumns)}, greatest(${h}.finished_at, ${startedAt}) AS finished_at,
    CASE WHEN ${h}.finished_at > ${startedAt} THEN ${h}.log_order ELSE ${LAST_ORDER} END AS log_order`

/** SQL: a row of deployment_metric in the slot of `b` with an open incident that started before its finish, and at its `before_at` or later. */
export const openIncidentsBetween = (a: string, b: string): string => `
  (${columnsOf(a, incidentInSlot)}) >= (${columnsOf(b, [...slotColumns, 'before_at'])})
  AND (${columnsOf(a, incidentInSlot)}) < (${columnsOf(b, [...slotColumns, 'finished_at'])})
  AND ${a}.incident_open ORDER BY ${orderedBy(a, incidentInSlot)} OFFSET 0`

/** SQL: a failure in the slot of `b`, finished before it, and with or after its `before_at`, `before_log_order`. */
export const failuresBetween = (a: string, b: string): string => `
  (${columnsOf(a, finishInSlot)}) < (${columnsOf(b, finishInSlot)})
  AND (${columnsOf(a, finishInSlot)}) >= (${columnsOf(b, [...slotColumns, 'before_at', 'before_log_order'])})
  AND ${a}.failure_kind IS NOT NULL ORDER BY ${orderedBy(a, finishInSlot)} OFFSET 0`

/** SQL: the row of deployment_metric with the key of `b`. */
export const rowAt = (a: string, b: string): string => withKey(a, b, finishInSlot)

/** SQL: a success with the tag of `b` in its application and an environment; earliest first. */
export const firstOfTag = (a: string, b: string, environment: string, condition = ''): string => `
  (${columnsOf(a, tagColumns)}) >= (${columnsOf(b, tagColumns.slice(0, -1))}, ${environment})
  AND (${columnsOf(a, tagColumns)}) <= (${columnsOf(b, tagColumns.slice(0, -1))}, ${environment})
  AND ${a}.succeeded ${condition}
  ORDER BY ${orderedBy(a, finishOfTag)} LIMIT 1`

/** SQL: a success with the tag of `b` in its application, in an environment after this one by name; the first of these. */
export const nextEnvironmentOfTag = (a: string, b: string, after: string): string => `
  (${columnsOf(a, tagColumns)}) > (${columnsOf(b, tagColumns.slice(0, -1))}, ${after})
  AND (${columnsOf(a, tagColumns.slice(0, -1))}) <= (${columnsOf(b, tagColumns.slice(0, -1))}) AND ${a}.succeeded
  ORDER BY ${orderedBy(a, finishOfTag)} LIMIT 1`

/** SQL: the first success that brought the commit of `b` to its application and environment: one row of deployment_commit. */
export const firstToBring = (a: string, b: string, condition = ''): string => `
  (${columnsOf(a, commitColumns)}, ${a}.succeeded) >= (${columnsOf(b, commitColumns)}, true)
  AND (${columnsOf(a, commitColumns)}, ${a}.succeeded) <= (${columnsOf(b, commitColumns)}, true) ${condition}
  ORDER BY ${orderedBy(a, [...commitColumns, 'succeeded', ...finishColumns])} LIMIT 1`

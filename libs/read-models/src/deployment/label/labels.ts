import { createHash } from 'node:crypto'
import { valuesOf } from '../../sql/filter.js'

/** Labels that a deployment must all have, each as `key=value`; the first `=` ends the key. */
export type LabelFilter = readonly string[]

/** The hash of a label in the form of a UUID: the first half of SHA-256. */
export function labelHash(key: string, value: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([key, value]))
    .digest('hex')
  return [hash.slice(0, 8), hash.slice(8, 12), hash.slice(12, 16), hash.slice(16, 20), hash.slice(20, 32)].join('-')
}

/** The distinct labels of a filter in a fixed order; `undefined` without any. */
export function labelsOf(filter: LabelFilter | undefined): string[] | undefined {
  const labels = valuesOf(filter)?.toSorted()
  return labels?.length === 0 ? undefined : labels
}

/** The parameters of the statements below. */
export function labelValues(filter: LabelFilter | undefined): Record<string, string> {
  return Object.fromEntries(
    (labelsOf(filter) ?? [])
      .map(label => {
        const end = label.indexOf('=')
        return labelHash(label.slice(0, end), label.slice(end + 1))
      })
      .map((hash, n) => [`label${n}`, hash]),
  )
}

const ofDeployment = (label: string, row: string, n: number) =>
  `${label}.tenant = $tenant AND ${label}.deployment_id = ${row}.deployment_id AND ${label}.label = $label${n}::uuid`

/** SQL: whether the deployment of a row, of the tenant `$tenant`, has all labels. */
export function hasLabelsSql(row: string, filter: LabelFilter | undefined): string[] {
  return (labelsOf(filter) ?? []).map(
    (_, n) => `EXISTS (SELECT FROM deployment_label l WHERE ${ofDeployment('l', row, n)})`,
  )
}

/**
 * SQL: the same as joins to deployments `h` by their current start. planner: it may read a rare label in the order of starts, and look up a
 * frequent one for each deployment.
 */
export function labelJoinsSql(filter: LabelFilter | undefined): string {
  return (labelsOf(filter) ?? [])
    .map((_, n) => {
      const label = `label_${n}`
      return `JOIN deployment_label ${label} ON ${ofDeployment(label, 'h', n)}
        AND ${label}.deployed_at = h.deployed_at AND ${label}.log_order = h.log_order`
    })
    .join(' ')
}

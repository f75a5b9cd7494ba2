import {
  environmentNamesSql,
  environmentParameter,
  environmentValues,
  simplifiedEnvironment,
} from '../../pipeline/environment.js'
import { applicationValues, simplified, type OneOrMore } from '../../sql/filter.js'
import { labelsOf, labelValues, type LabelFilter } from '../../deployment/label/labels.js'

/**
 * The deployments that metrics count. A commit, or a tag, that reaches several of the environments arrives once, with the earliest of these
 * successes; the recovery of a failure, and what undoes a deployment, are those of its own environment. Labels select among the deployments,
 * and change nothing else.
 */
export interface MetricScope {
  tenant: string
  /** Any names of environments; aliases resolve; the pipeline's last one by default. */
  environment?: OneOrMore
  application?: OneOrMore
  /** Only deployments with all of these. */
  label?: LabelFilter
}

/** The scope without repetitions, and without lists of one. */
export function simplifiedScope({ environment, application, label }: Omit<MetricScope, 'tenant'>): {
  environment?: string | string[]
  application?: string | string[]
  label?: string[]
} {
  return {
    environment: simplifiedEnvironment(environment),
    application: simplified(application),
    label: labelsOf(label),
  }
}

/** Whether several environments are requested, which may be one after all. */
export function isOfSeveral({ environment }: Pick<MetricScope, 'environment'>): boolean {
  return Array.isArray(simplifiedEnvironment(environment))
}

/** The parameters of the SQL of a scope. */
export function scopeValues({ tenant, application, label, ...scope }: MetricScope) {
  const environment = simplifiedEnvironment(scope.environment)
  return {
    tenant,
    ...(Array.isArray(environment)
      ? environmentValues(environment)
      : { environment: environmentParameter(environment) }),
    ...applicationValues(application),
    ...labelValues(label),
  }
}

/** SQL: the pipeline's name of the environment `$environment` (`environmentParameter`) of the tenant `$tenant`; NULL: its last one. */
export const requestedEnvironmentSql = `(SELECT coalesce(environment_name($tenant, $environment::text), (
  SELECT name FROM environments($tenant) ORDER BY rank DESC LIMIT 1)))`

/** SQL: an array of the pipeline's names of the environments. */
export function requestedNamesSql(scope: Pick<MetricScope, 'environment'>): string {
  return isOfSeveral(scope) ? environmentNamesSql : `ARRAY[${requestedEnvironmentSql}]`
}

/** SQL: whether `column` is one of the environments. */
export function isRequestedSql(column: string, scope: Pick<MetricScope, 'environment'>): string {
  // Without the cast, ANY would take the subquery for one of rows.
  return isOfSeveral(scope)
    ? `${column} = ANY (${environmentNamesSql}::text[])`
    : `${column} = ${requestedEnvironmentSql}`
}

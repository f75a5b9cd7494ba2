import { isApplicationSql } from '../../sql/filter.js'
import { finishOf, firstOfTag, firstToBring, millisecondsSql } from '../definition/finish-order.js'
import { isOfSeveral, isRequestedSql, requestedNamesSql, type MetricScope } from '../definition/scope.js'
import { metricColumns } from '../projection/rows.js'

type Scope = Pick<MetricScope, 'environment' | 'application'>

/** SQL: whether no success in another of several environments, with the tag or commit of `m`, finished earlier. */
const isEarliest = (scope: Scope, first: string) => `NOT EXISTS (
      SELECT FROM unnest(${requestedNamesSql(scope)}) AS requested(name) CROSS JOIN LATERAL (${first}) first
      WHERE ${finishOf('first')} < ${finishOf('m')}
    )`

/** SQL: whether the commit of a row `c` of deployment_commit reaches the first of the environments with the deployment of `m`. */
export const arrivesWith = (scope: Scope): string =>
  isEarliest(
    scope,
    `SELECT first.finished_at, first.log_order FROM (
        SELECT c.tenant, c.sha, c.application, requested.name AS environment_name
      ) at CROSS JOIN LATERAL (SELECT first.* FROM deployment_commit first WHERE ${firstToBring('first', 'at')}) first`,
  )

/**
 * SQL: a relation, for FROM: the stored contributions of the deployments in the requested environments and applications. Of several
 * environments, the lead times of commits and tags that reached another of them before are left out. Two index lookups for each commit and
 * environment, in the rows for which these columns are read.
 *
 * @param condition SQL: a further condition on rows `m`
 */
export function storedRows(scope: Scope, condition = 'true'): string {
  const conditions = [
    'm.tenant = $tenant',
    isRequestedSql('m.environment_name', scope),
    isApplicationSql('m.application', scope.application),
    condition,
  ].filter(each => each !== undefined)
  const where = `FROM deployment_metric m WHERE ${conditions.join(' AND ')}`
  if (!isOfSeveral(scope)) return `(SELECT m.* ${where})`
  const firstOfTagThere = `
        SELECT first.finished_at, first.log_order FROM deployment_history first WHERE ${firstOfTag('first', 'm', 'requested.name')}`
  const columns: Record<string, string> = {
    promotion_lead_ms: `CASE WHEN m.promotion_lead_ms IS NOT NULL AND ${isEarliest(scope, firstOfTagThere)} THEN m.promotion_lead_ms END`,
    commit_lead_ms: `CASE WHEN m.commit_lead_ms = '{}' THEN m.commit_lead_ms ELSE ARRAY(
      SELECT ${millisecondsSql('c.committed_at', 'm.finished_at')} FROM deployment_commit c
      WHERE c.tenant = m.tenant AND c.deployment_id = m.deployment_id AND c.committed_at IS NOT NULL AND ${arrivesWith(scope)}
      ORDER BY c.sha
    ) END`,
  }
  return `(SELECT ${metricColumns.map(name => (columns[name] ? `${columns[name]} AS ${name}` : `m.${name}`)).join(', ')} ${where})`
}

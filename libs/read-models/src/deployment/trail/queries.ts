import type { QueryResult, JsonText } from '../../sql/query-result.js'
import { deploymentAuditTrail, findAuditTrail } from '../../log/audit-trail.js'
import type { Query } from '#libs/postgres'

/** The audit trail of a deployment, in order; `undefined` if the tenant has no deployment with this id (a UUID). */
export function findDeploymentEvents(
  query: Query,
  tenant: string,
  id: string,
): Promise<QueryResult<JsonText | undefined>> {
  return findAuditTrail(query, deploymentAuditTrail, tenant, id)
}

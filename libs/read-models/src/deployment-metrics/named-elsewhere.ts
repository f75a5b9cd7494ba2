import type { DeploymentEvent } from '#libs/contracts'
import type { ClientBase } from 'pg'
import { plainArray, textArray } from '../array-literal.js'
import { withId } from '../deployment-history/probes.js'
import type { ProjectedEvent } from '../projection.js'

/**
 * Tenants of whom a batch reports a rollback of a deployment that is not known to be of the same application. Another partition may be
 * bringing, or changing, that one at the same moment, and then neither would see the other: the caller holds these tenants alone.
 */
export async function tenantsNamingElsewhere(
  connection: ClientBase,
  events: readonly ProjectedEvent<DeploymentEvent>[],
): Promise<string[]> {
  const recorded = events.flatMap(({ event, metadata: { tenant } }) =>
    event.type === 'DeploymentRecorded' ? [{ ...event, tenant }] : [],
  )
  const naming = recorded.filter(({ rollbackOf }) => rollbackOf !== undefined)
  if (naming.length === 0) return []
  const here = new Set(
    recorded.map(({ tenant, application, deploymentId }) => keyOf(tenant, application, deploymentId)),
  )
  const elsewhere = naming.filter(
    ({ tenant, application, rollbackOf }) => !here.has(keyOf(tenant, application, rollbackOf!)),
  )
  if (elsewhere.length === 0) return []
  const { rows } = await connection.query<{ tenant: string }>({
    name: 'naming elsewhere',
    text: UNKNOWN,
    values: [
      textArray(elsewhere.map(({ tenant }) => tenant)),
      textArray(elsewhere.map(({ application }) => application)),
      plainArray(elsewhere.map(({ rollbackOf }) => rollbackOf)),
    ],
  })
  return rows.map(({ tenant }) => tenant)
}

function keyOf(tenant: string, application: string, id: string): string {
  return JSON.stringify([tenant, application, id.toLowerCase()])
}

const UNKNOWN = `
  SELECT DISTINCT naming.tenant
  FROM unnest($1::text[], $2::text[], $3::uuid[]) AS naming(tenant, application, deployment_id)
  WHERE NOT EXISTS (
    SELECT FROM (SELECT h.application FROM deployment_history h WHERE ${withId('h', 'naming')}) h
    WHERE h.application = naming.application)`

import { positionsSql, type Answer, type JsonText } from '../answer.js'
import type { Query } from '../query.js'

// The data goes out as it came in: it is put in as text, behind the members that may be absent.
const EVENTS = `
  SELECT (
    SELECT '[' || string_agg(left(json_strip_nulls(json_build_object(
      'type', e.type, 'position', e.partition || ':' || e.seq, 'actor', e.actor, 'time', read_v1.instant(e.time),
      'recordedAt', read_v1.instant(e.recorded_at)))::text, -1) || ',"data":' || e.data::text || '}',
      ',' ORDER BY e.version) || ']'
    FROM read_v1.deployment_event e WHERE e.tenant = $1 AND e.deployment_id = $2
  ) AS json, ${positionsSql('deployments')} AS positions`

/** What was recorded about a deployment, in order; `undefined` where the tenant has no deployment of that id (a UUID). */
export async function findDeploymentEvents(
  query: Query,
  tenant: string,
  id: string,
): Promise<Answer<JsonText | undefined>> {
  const [row] = await query<{ json: string | null; positions: string }>({
    name: 'deployment-events',
    text: EVENTS,
    values: [tenant, id],
  })
  return { body: row!.json ?? undefined, positions: row!.positions }
}

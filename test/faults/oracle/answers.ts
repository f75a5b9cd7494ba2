import { foldDeployments } from '../../independent/deployments/deployments.js'
import { foldIncidents, newestIncidentFirst, shownIncident } from '../../independent/deployments/incidents.js'
import { defaultPipeline } from '../../independent/deployments/pipeline.js'
import { differences } from '../../independent/differences.js'
import type { RawRecord } from '../../independent/log/log-reader.js'
import { recompute } from '../../independent/answers/reducer.js'
import { type Finding, other } from './finding.js'

/** Asks the whole of `history`, `current` and the incidents and compares them with what a plain reducer makes of the log. */
export async function checkAnswers(url: string, log: RawRecord[], ends: Record<number, number>): Promise<Finding[]> {
  const isDeployment = ({ headers }: RawRecord) => headers['ce_type']?.startsWith('io.shiplog.deployment.')
  const deployments = foldDeployments(log.filter(isDeployment))
  const incidents = foldIncidents(log)
  const found: Finding[] = []
  for (const tenant of new Set(deployments.map(deployment => deployment.tenant))) {
    const own = deployments.filter(deployment => deployment.tenant === tenant)
    const ofTenant = incidents.filter(incident => incident.tenant === tenant)
    const { history, current } = recompute(own, defaultPipeline, ofTenant)
    const shown = ofTenant.toSorted(newestIncidentFirst).map(incident => shownIncident(incident, own, defaultPipeline))
    for (const [list, expected] of Object.entries({
      'deployments/history': history,
      'deployments/current': current,
      incidents: shown,
    })) {
      const rows = await allPages(url, `/api/v1/platform/${list}?limit=500`, reflecting(tenant, ends))
      for (const difference of differences(rows, expected)) {
        found.push(other(`${list} of ${tenant} is not what the log says: ${JSON.stringify(difference)}`))
      }
    }
  }
  return found
}

/** Headers of a question of a tenant's: its answer is to reflect the whole log. */
export function reflecting(tenant: string, ends: Record<number, number>): Record<string, string> {
  const minimum = Object.entries(ends).map(([partition, seq]) => `${partition}:${seq}`)
  return { 'X-Tenant-ID': tenant, ...(minimum.length > 0 && { 'Shiplog-Min-Position': minimum.join(',') }) }
}

/** All rows of a list, page by page. Rejects where it is answered anything but 2xx. */
export async function allPages(url: string, first: string, headers: Record<string, string>): Promise<unknown[]> {
  const rows: unknown[] = []
  for (let path: string | undefined = first; path !== undefined;) {
    const answer = await fetch(`${url}${path}`, { headers })
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`)
    // Not answer.json(): in a test its objects come from another realm, and equal nothing.
    rows.push(...(JSON.parse(await answer.text()) as unknown[]))
    const link: string | undefined = /<([^>]+)>;\s*rel="next"/.exec(answer.headers.get('link') ?? '')?.[1]
    path = link === undefined ? undefined : link.slice(link.indexOf('/api/'))
  }
  return rows
}

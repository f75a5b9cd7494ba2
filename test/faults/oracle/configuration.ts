import { EnvironmentHistory, type KeyVersion } from '../../independent/configuration/configuration.js'
import { differences } from '../../independent/differences.js'
import type { RawRecord } from '../../independent/log/log-reader.js'
import { foldPromotions } from '../../independent/configuration/promotions.js'
import { allPages, reflecting } from './answers.js'
import { type Finding, other } from './finding.js'

const MASK = '********'

/** What is compared of a row: all that the log tells. */
interface Row {
  id: string
  key?: string
  state?: string
  version?: number
}

/** Asks for every environment's configuration and for all promotions, and compares them with a plain fold of the log. */
export async function checkConfiguration(
  url: string,
  log: RawRecord[],
  ends: Record<number, number>,
): Promise<Finding[]> {
  const found: Finding[] = []
  const compare = (what: string, actual: object[], expected: object[]) => {
    for (const difference of differences(actual, expected)) {
      found.push(other(`${what} is not what the log says: ${JSON.stringify(difference)}`))
    }
  }
  for (const [tenant, environment] of environmentsOf(log)) {
    const path = `/api/v1/config/environments/${environment}/configurations?limit=500`
    const rows = (await allPages(url, path, reflecting(tenant, ends))) as Row[]
    const held = new EnvironmentHistory(log, tenant, environment).current('configuration')
    const expected = [...held.values()].toSorted((a, b) => byText(a.key, b.key)).map(shownKey)
    compare(`configuration in ${environment} of ${tenant}`, rows.map(withoutId), expected)
  }
  for (const tenant of new Set(log.map(({ headers }) => headers['ce_tenant'] ?? ''))) {
    const rows = (await allPages(url, '/api/v1/config/promotions?limit=500', reflecting(tenant, ends))) as Row[]
    const shown = rows.map(({ id, state, version }) => ({ id, state, version }))
    const promotions = [...foldPromotions(log, tenant).values()]
    const expected = promotions.map(({ id, state, trail }) => ({ id, state, version: trail.length }))
    const byId = (a: { id: string }, b: { id: string }) => byText(a.id, b.id)
    compare(`the list of promotions of ${tenant}`, shown.toSorted(byId), expected.toSorted(byId))
  }
  return found
}

/** Tenants and their environments that hold anything. */
function environmentsOf(log: readonly RawRecord[]): [string, string][] {
  const subjects = new Set(log.map(({ headers }) => headers['ce_subject'] ?? ''))
  return [...subjects].flatMap(subject => {
    const [, tenant, environment] = /^configuration-([^/]+)\/(.+)$/.exec(subject) ?? []
    return tenant !== undefined && environment !== undefined ? [[tenant, environment] as [string, string]] : []
  })
}

function withoutId({ id: _, ...row }: Row): object {
  return row
}

function shownKey({ key, entry, revision, updatedAt, updatedBy }: KeyVersion): object {
  const secret = entry?.sealed !== undefined
  return {
    key,
    value: secret ? MASK : entry?.value,
    ...(secret && { secret }),
    ...(entry?.description !== undefined && { description: entry.description }),
    revision,
    updatedAt,
    ...(updatedBy !== undefined && { updatedBy }),
  }
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

import type { DriftComparison, DriftRow } from '#libs/api'
import type { QueryResult } from '../sql/query-result.js'
import { configurationSummary } from '../configuration/summary.js'
import { decodeCursor, encodeCursor } from '../sql/cursor.js'
import type { AsOf } from '../sql/as-of.js'
import { simplified, type OneOrMore } from '../sql/filter.js'
import { labelsOf, type LabelFilter } from '../deployment/label/labels.js'
import type { Query } from '#libs/postgres'
import { comparedApplications } from './compared.js'
import type { ComparedApplication } from './comparison.js'
import { driftScope } from './scope.js'
import { differenceOf, distanceOf, stateOf } from './evaluate.js'
import { readAll } from './readings.js'
import { isApplication, presentedAge, presentedActive } from './presented.js'
import type { Reading, SlotTimeline } from './slot-timeline.js'

export interface ApplicationDriftRequest extends AsOf {
  tenant: string
  /** Any names of the environments; aliases resolve. */
  source: string
  target: string
  application?: OneOrMore
  label?: LabelFilter
  /** Only applications with different tags. */
  onlyDiffering?: boolean
  /** Maximum number of rows, 1 to 500. */
  limit: number
  cursor?: string
}

/** A drift, or the names of unknown environments. */
export type DriftResponse<Drift> = { unknown: string[] } | { unknown?: undefined; drift: Drift; next?: string }

/**
 * The drift of two environments: applications by code point, each with the active deployments of both sides, the start and cause of their
 * difference, and which side is ahead; and their configurations. The statements must see one snapshot. Throws InvalidCursor.
 */
export async function environmentDrift(
  query: Query,
  request: ApplicationDriftRequest,
): Promise<QueryResult<DriftResponse<DriftComparison>>> {
  const { tenant, asOf, knownAt, onlyDiffering, limit, cursor, source: namedSource, target: namedTarget } = request
  const named = { source: namedSource, target: namedTarget }
  const [application, label] = [simplified(request.application), labelsOf(request.label)]
  const list = { list: 'environment drift', ...named, application, label, onlyDiffering, asOf, knownAt }
  const after = cursor === undefined ? undefined : decodeCursor(cursor, list, isApplication)[0]
  const head = await driftScope(query, { tenant, named: [named.source, named.target], asOf, knownAt })
  const { unknown, positions, environments } = head
  if (unknown.length > 0) return { body: { unknown }, positions }
  const compared = await comparedApplications(
    query,
    { tenant, environments, application, label, asOf, knownAt },
    { after, limit: limit + 1, onlyDiffering },
  )
  const page = compared.slice(0, limit)
  const applications = await readAll(
    query,
    tenant,
    page.map(one => rowOf(one, head.at)),
  )
  const [source, target] = environments as [string, string]
  const ofKeys = await configurationSummary(query, { tenant, source, target, asOf, knownAt, at: head.at })
  const drift = { source, target, asOf: head.asOf, applications, ...ofKeys }
  const next = compared.length > limit ? encodeCursor(list, [page.at(-1)!.application]) : undefined
  return { body: { drift, ...(next !== undefined && { next }) }, positions }
}

function* rowOf({ application, timelines }: ComparedApplication, at: number): Reading<DriftRow> {
  const [source, target] = timelines as [SlotTimeline, SlotTimeline]
  const state = stateOf(source, target)!
  const active = { ...activeIn('source', source), ...activeIn('target', target) }
  if (state === 'same') return { application, ...active, state }
  const { since, cause } = yield* differenceOf(source, target)
  const distance = state === 'different' ? yield* distanceOf(source, target) : undefined
  return { application, ...active, state, ...presentedAge(since, at), cause, ...distance }
}

function activeIn(name: 'source' | 'target', { intervals: [last] }: SlotTimeline): Pick<DriftRow, 'source' | 'target'> {
  if (!last?.active) return {}
  return { [name]: presentedActive(last.active) }
}

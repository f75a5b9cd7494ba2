import type { EnvironmentChanges } from '#libs/api'
import { formatInstant } from '#libs/contracts'
import type { Query } from '#libs/postgres'
import { labelsOf, type LabelFilter } from '../deployment/label/labels.js'
import { comparedApplications } from '../drift/compared.js'
import { isApplication } from '../drift/presented.js'
import type { DriftResponse } from '../drift/queries.js'
import { readAll } from '../drift/readings.js'
import { driftScope } from '../drift/scope.js'
import type { SlotTimeline } from '../drift/slot-timeline.js'
import type { AsOf } from '../sql/as-of.js'
import { decodeCursor, encodeCursor } from '../sql/cursor.js'
import { simplified, type OneOrMore } from '../sql/filter.js'
import { PAGE_BYTES } from '../sql/page-rows.js'
import type { QueryResult } from '../sql/query-result.js'
import { aheadOf, type Ahead } from './ahead.js'
import { MOST_COMMITS, waitingCommits, type WaitingCommits } from './commits.js'

export interface EnvironmentChangesRequest extends AsOf {
  tenant: string
  /** Any names of the environments; aliases resolve. */
  source: string
  target: string
  application?: OneOrMore
  label?: LabelFilter
  /** Maximum number of applications, 1 to 500. */
  limit: number
  cursor?: string
}

/** Maximum number of tags of an application in a response: the newest ones. */
const MOST_TAGS = 100

/**
 * What a source has and a target lacks, for each application with an active deployment in one of them, by code point. The statements must see
 * one snapshot. Throws InvalidCursor.
 */
export async function environmentChanges(
  query: Query,
  request: EnvironmentChangesRequest,
): Promise<QueryResult<DriftResponse<EnvironmentChanges[]>>> {
  const { tenant, source, target, asOf, knownAt, limit, cursor } = request
  const [application, label] = [simplified(request.application), labelsOf(request.label)]
  const list = { list: 'environment changes', source, target, application, label, asOf, knownAt }
  const after = cursor === undefined ? undefined : decodeCursor(cursor, list, isApplication)[0]
  const { unknown, positions, environments, at } = await driftScope(query, { tenant, named: [source, target], asOf })
  if (unknown.length > 0) return { body: { unknown }, positions }
  const comparison = { tenant, environments, application, label, asOf, knownAt }
  const compared = await comparedApplications(query, comparison, { after, limit: limit + 1 })
  const page = compared.slice(0, limit)
  const found = await readAll(
    query,
    tenant,
    page.map(({ timelines }) => aheadOf(...(timelines as [SlotTimeline, SlotTimeline]))),
  )
  const [inSource, inTarget] = environments as [string, string]
  const scope = { tenant, source: inSource, target: inTarget, asOf, knownAt }
  const ahead = page.flatMap(({ application: name }, n) => {
    const { from } = found[n]!
    return from === undefined ? [] : [{ application: name, from }]
  })
  const commits = await waitingCommits(query, scope, ahead)
  // One application always has a row.
  if (typeof application === 'string' && page.length === 0)
    return { body: { drift: [presented({ application }, { tags: [] }, undefined, { ...scope, at })] }, positions }
  const rows = page.map((one, n) => presented(one, found[n]!, commits.get(one.application), { ...scope, at }))
  const kept = withinPage(rows)
  const isLast = kept.length === rows.length && compared.length <= limit
  const next = isLast ? undefined : encodeCursor(list, [kept.at(-1)!.application])
  return { body: { drift: kept, ...(next !== undefined && { next }) }, positions }
}

function presented(
  { application }: { application: string },
  { tags }: Ahead,
  { commits, byTag }: WaitingCommits = { commits: [], byTag: {} },
  { source, target, at }: { source: string; target: string; at: number },
): EnvironmentChanges {
  const all = Object.values(byTag).reduce((sum, count) => sum + count, 0)
  const oldest = tags.length === 0 ? undefined : Math.min(...tags.map(({ since }) => since))
  return {
    application,
    source,
    target,
    aheadBy: tags.length,
    ahead: tags.slice(0, MOST_TAGS).map(({ imageTag, deploymentId, deployedAt, since }) => ({
      imageTag,
      deploymentId,
      deployedAt: formatInstant(new Date(deployedAt)),
      waitingSeconds: (at - since) / 1000,
      commits: byTag[imageTag] ?? 0,
    })),
    commitCount: all,
    commits: commits.slice(0, MOST_COMMITS),
    ...(oldest !== undefined && { oldestWaitingSeconds: (at - oldest) / 1000 }),
  }
}

/** The first rows that are not too long together; at least one, if there is one. */
function withinPage(rows: readonly EnvironmentChanges[]): EnvironmentChanges[] {
  let bytes = 0
  return rows.filter(row => {
    const fits = bytes < PAGE_BYTES
    bytes += Buffer.byteLength(JSON.stringify(row))
    return fits
  })
}

import {
  type DriftMatrix,
  driftStates,
  type DriftState,
  type EnvironmentLag,
  type MatrixRow,
  type PairDrift,
} from '#libs/api'
import type { QueryResult } from '../sql/query-result.js'
import { decodeCursor, encodeCursor } from '../sql/cursor.js'
import type { AsOf } from '../sql/as-of.js'
import { simplified, type OneOrMore } from '../sql/filter.js'
import { labelsOf, type LabelFilter } from '../deployment/label/labels.js'
import type { Query } from '#libs/postgres'
import { comparedParts } from './compared.js'
import type { ComparedApplication } from './comparison.js'
import { driftScope } from './scope.js'
import { differenceOf, distanceOf, stateOf, type Distance } from './evaluate.js'
import { readAll } from './readings.js'
import { isApplication, presentedAge, presentedActive } from './presented.js'
import type { Reading, SlotTimeline } from './slot-timeline.js'

export interface DriftMatrixRequest extends AsOf {
  tenant: string
  application?: OneOrMore
  label?: LabelFilter
  /** Only applications that differ between environments. */
  onlyDiffering?: boolean
  /** Maximum number of applications, 1 to 500. */
  limit: number
  cursor?: string
}

/** The difference of an application between two environments. */
interface Compared extends Partial<Distance> {
  application: string
  pair: number
  state: DriftState
  since?: number
}

/**
 * The differences of all environments of a pipeline, each from every earlier one: counted over all applications, and per application by
 * code point. The statements must see one snapshot. Throws InvalidCursor.
 */
export async function driftMatrix(
  query: Query,
  request: DriftMatrixRequest,
): Promise<QueryResult<{ matrix: DriftMatrix; next?: string }>> {
  const { tenant, asOf, knownAt, onlyDiffering, limit, cursor } = request
  const [application, label] = [simplified(request.application), labelsOf(request.label)]
  const list = { list: 'drift matrix', application, label, onlyDiffering, asOf, knownAt }
  const after = cursor === undefined ? undefined : decodeCursor(cursor, list, isApplication)[0]
  const { pipeline: environments, at, ...head } = await driftScope(query, { tenant, named: [], asOf, knownAt })
  const pairs = environments.flatMap((_, target) => Array.from({ length: target }, (_, source) => ({ source, target })))
  const page: { one: ComparedApplication; compared: Compared[] }[] = []
  const all: Compared[] = []
  for await (const part of comparedParts(query, { tenant, environments, application, label, asOf, knownAt })) {
    const readings = part.map(one => comparedPairs(one, pairs))
    for (const [n, compared] of (await readAll(query, tenant, readings)).entries()) {
      const one = part[n]!
      all.push(...compared)
      const presented = (after === undefined || isLater(one.application, after)) && page.length <= limit
      if (presented && !(onlyDiffering && isSame(one))) page.push({ one, compared })
    }
  }
  const matrix = {
    asOf: head.asOf,
    environments,
    pairs: pairs.map((pair, n) => {
      const names = { source: environments[pair.source]!, target: environments[pair.target]! }
      return {
        ...names,
        ...summaryOf(
          all.filter(compared => compared.pair === n),
          at,
        ),
      }
    }),
    applications: page.slice(0, limit).map(({ one, compared }) => rowOf(one, compared, pairs, environments, at)),
  }
  const next = page.length > limit ? encodeCursor(list, [matrix.applications.at(-1)!.application]) : undefined
  return { body: { matrix, ...(next !== undefined && { next }) }, positions: head.positions }
}

interface Pair {
  source: number
  target: number
}

// By code point, like Postgres.
function isLater(a: string, b: string): boolean {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) > 0
}

function isSame({ timelines }: ComparedApplication): boolean {
  const [first, ...others] = timelines.map(({ intervals }) => intervals[0]?.active?.imageTag)
  return others.every(tag => tag === first)
}

function* comparedPairs({ application, timelines }: ComparedApplication, pairs: readonly Pair[]): Reading<Compared[]> {
  const all: Compared[] = []
  for (const [pair, { source: s, target: t }] of pairs.entries()) {
    const [source, target] = [timelines[s]!, timelines[t]!] as [SlotTimeline, SlotTimeline]
    const state = stateOf(source, target)
    if (state === 'same') all.push({ application, pair, state })
    if (state === undefined || state === 'same') continue
    const { since } = yield* differenceOf(source, target)
    const distance = state === 'different' ? yield* distanceOf(source, target) : undefined
    all.push({ application, pair, state, since, ...distance })
  }
  return all
}

function summaryOf(compared: readonly Compared[], at: number): Pick<PairDrift, 'applications' | 'oldest'> {
  const applications = Object.fromEntries(driftStates.map(state => [state, 0])) as Record<DriftState, number>
  let oldest: (Compared & { since: number }) | undefined
  for (const { since, ...one } of compared) {
    applications[one.state]++
    if (since !== undefined && since < (oldest?.since ?? Infinity)) oldest = { ...one, since }
  }
  if (!oldest) return { applications }
  return { applications, oldest: { application: oldest.application, ...presentedAge(oldest.since, at) } }
}

function rowOf(
  { application, timelines }: ComparedApplication,
  compared: readonly Compared[],
  pairs: readonly Pair[],
  names: readonly string[],
  at: number,
): MatrixRow {
  const environments = Object.fromEntries(
    timelines.flatMap(({ environment, intervals: [last] }) =>
      last?.active ? [[environment, presentedActive(last.active)]] : [],
    ),
  )
  const lagging = compared.flatMap(({ application: _, pair, since, ...one }): EnvironmentLag[] => {
    const lacks = one.state === 'onlyInSource' || (one.state === 'different' && one.direction !== 'behind')
    if (since === undefined || !lacks) return []
    const { source, target } = pairs[pair]!
    return [{ environment: names[target]!, behind: names[source]!, ...one, ...presentedAge(since, at) }]
  })
  return { application, environments, lagging }
}

import type { Commit, DeploymentStatus } from '#libs/contracts'
import type { MetricTables } from './metric-tables.js'

/** A deployment as it is in the end. Instants in milliseconds. */
export interface Fact {
  id: string
  application: string
  environment: string
  imageTag: string
  status: DeploymentStatus
  succeeded: boolean
  deployedAt: number
  completedAt?: number | undefined | ''
  rolledBackAt?: number | undefined
  removedAt?: number | undefined
  rollbackOf?: string | undefined
  unplanned: boolean
  commits: Commit[]
  gitCommit?: string | undefined
  /** Its place in the log. */
  order: bigint
}

type Row = ReturnType<typeof rowOf>
const HOUR = 3_600_000
const WEEK = 7 * 24 * HOUR
const aMonday = Date.UTC(2001, 0, 1)

const finish = (fact: Fact) => fact.completedAt || fact.deployedAt
const compare = (a: Fact, b: Fact, of: (fact: Fact) => number) => of(a) - of(b) || Number(a.order - b.order)
const finished = (a: Fact, b: Fact) => compare(a, b, finish)
const started = (a: Fact, b: Fact) => compare(a, b, ({ deployedAt }) => deployedAt)

/** An incident as it is in the end. Instants in milliseconds. */
export interface IncidentFact {
  deploymentId?: string | undefined
  application?: string | undefined
  environment?: string | undefined
  startedAt: number
  resolvedAt?: number | undefined
}

/** The deployment to which an incident belongs, of those with resolved environments. */
export function ownerOf(
  incident: IncidentFact,
  all: Fact[],
  nameOf: (environment: string) => string,
): Fact | undefined {
  const { deploymentId, application, startedAt } = incident
  const environment = incident.environment === undefined ? undefined : nameOf(incident.environment)
  const isThere = (fact: Fact) =>
    (application === undefined || fact.application === application) &&
    (environment === undefined || fact.environment === environment)
  if (deploymentId !== undefined) return all.find(fact => fact.id === deploymentId && isThere(fact))
  const isActive = (fact: Fact) =>
    fact.succeeded &&
    finish(fact) <= startedAt &&
    (fact.status !== 'ROLLED_BACK' || startedAt < (fact.rolledBackAt ?? 0))
  const latest = all
    .filter(fact => isThere(fact) && isActive(fact))
    .toSorted(started)
    .at(-1)
  return latest && startedAt < (latest.removedAt ?? Infinity) ? latest : undefined
}

/** What the tables have to hold, by what 1-product.md and 7-api.md say, deployment by deployment, by looking at all others each time. */
export function expectedTables(
  facts: Fact[],
  nameOf: (environment: string) => string,
  first: string,
  incidents: IncidentFact[] = [],
): MetricTables {
  const all = facts.map(fact => ({ ...fact, environment: nameOf(fact.environment) }))
  const owned = incidents.map(incident => ({ incident, owner: ownerOf(incident, all, nameOf)?.id }))
  const rows = all
    .filter(({ status }) => status !== 'PENDING')
    .map(fact => {
      const own = owned.filter(({ owner }) => owner === fact.id).map(({ incident }) => incident)
      return rowOf(fact, all, first, own)
    })
  const measured = rows.flatMap(measuresOf)
  const sorted = <T extends object>(list: T[], ...keys: (keyof T)[]) =>
    list.toSorted((a, b) => {
      const key = keys.find(name => a[name] !== b[name])
      return key === undefined ? 0 : a[key] < b[key] ? -1 : 1
    })
  return {
    metrics: sorted(rows, 'id'),
    tallies: sorted(
      ['hour', 'day'].flatMap(grain => talliesOf(rows, grain, grain === 'hour' ? HOUR : 24 * HOUR)),
      ...(['environment', 'grain', 'start'] as const),
    ),
    histogram: sorted(
      ['week', 'four weeks', 'bin groups'].flatMap(grain => {
        const length = grain === 'week' ? WEEK : 4 * WEEK
        return counted(
          measured.map(({ environment, measure, at, bin: is }) => ({
            environment,
            measure,
            grain,
            start: blockOf(at, length),
            bin: grain === 'bin groups' ? Math.floor(is / 32) : is,
          })),
        )
      }),
      ...(['environment', 'measure', 'grain', 'start', 'bin'] as const),
    ),
    values: sorted(
      counted(measured.filter(({ value }) => value !== 0)),
      ...(['environment', 'measure', 'bin', 'at', 'value'] as const),
    ),
  }
}

function rowOf(one: Fact, all: Fact[], first: string, incidents: IncidentFact[]) {
  const { id, application, environment, imageTag: tag, succeeded, unplanned, commits, status } = one
  const ofApplication = all.filter(other => other.application === application && other.succeeded)
  const here = ofApplication.filter(other => other.environment === environment)
  const earliest = (list: Fact[], order: typeof finished) => list.toSorted(order)[0]
  const tagFirst = (list: Fact[], order: typeof finished, of = tag) =>
    earliest(
      list.filter(({ imageTag }) => imageTag === of),
      order,
    )

  const following = earliest(
    here.filter(other => succeeded && started(other, one) > 0),
    started,
  )
  const goesBack =
    following &&
    !following.rollbackOf &&
    started(tagFirst(here, started, following.imageTag)!, tagFirst(here, started)!) < 0
  const isReported = status === 'ROLLED_BACK' || here.some(other => other !== one && other.rollbackOf === id)
  const cancelled = status === 'CANCELLED'
  const hasIncident = succeeded && incidents.length > 0
  const faults = [
    [status === 'FAILED', 'failed'],
    [isReported, 'reported'],
    [goesBack, 'inferred'],
    [hasIncident, 'incident'],
  ] as const
  const fault = cancelled ? null : (faults.find(([holds]) => holds)?.[1] ?? null)

  const next = (isAfter: (other: Fact) => boolean) => earliest(here.filter(isAfter), finished)
  const recovery = fault && next(other => finished(other, one) > 0)
  // Incidents count unless it is a failure that comes before: from the first start to the last resolution, else to the next success.
  const counts = fault === 'inferred' || fault === 'incident' ? incidents : []
  const incidentAt = counts.length > 0 ? Math.min(...counts.map(({ startedAt }) => startedAt)) : null
  const incidentOpen = incidentAt === null ? null : counts.some(({ resolvedAt }) => resolvedAt === undefined)
  const awaited = incidentOpen ? next(other => finished(other, one) > 0 && finish(other) > incidentAt!) : undefined
  const incidentRecovered =
    incidentAt === null
      ? null
      : incidentOpen
        ? awaited
          ? finish(awaited)
          : null
        : Math.max(...counts.map(({ resolvedAt }) => resolvedAt!))
  const origin = tagFirst(
    ofApplication.filter(other => other.environment === first),
    finished,
  )
  const arrived = succeeded && tagFirst(here, finished) === one && origin && finish(origin) <= finish(one)
  const earlier = here.filter(other => finished(other, one) < 0)
  const brought = commits.filter(
    ({ sha }) => !earlier.some(other => other.gitCommit === sha || other.commits.some(commit => commit.sha === sha)),
  )
  return {
    id,
    application,
    environment,
    tag,
    finish: finish(one),
    order: String(one.order),
    succeeded,
    cancelled,
    fault,
    unplanned: unplanned && !cancelled,
    duration: succeeded && one.completedAt ? one.completedAt - one.deployedAt : null,
    recovered: fault === 'incident' ? incidentRecovered : recovery ? finish(recovery) : null,
    incidentAt,
    incidentRecovered,
    incidentOpen,
    promotion: arrived ? finish(one) - finish(origin) : null,
    leads: succeeded ? brought.map(({ committedAt }) => finish(one) - Date.parse(committedAt)) : [],
  }
}

function blockOf(at: number, length: number): number {
  return at - ((at - aMonday) % length)
}

function talliesOf(rows: Row[], grain: string, length: number) {
  const starts = new Set(rows.map(({ environment, finish: at }) => `${environment} ${blockOf(at, length)}`))
  return [...starts].map(key => {
    const [environment, start] = [key.split(' ')[0]!, Number(key.split(' ')[1])]
    const own = rows.filter(row => row.environment === environment && blockOf(row.finish, length) === start)
    const count = (holds: (row: Row) => unknown) => own.filter(holds).length
    return {
      environment,
      grain,
      start,
      deployments: count(({ cancelled }) => !cancelled),
      successes: count(({ succeeded }) => succeeded),
      failed: count(({ fault }) => fault === 'failed'),
      reported: count(({ fault }) => fault === 'reported'),
      inferred: count(({ fault }) => fault === 'inferred'),
      unplanned: count(({ unplanned }) => unplanned),
      recovered: count(({ recovered }) => recovered !== null),
      recoveredInferred: count(({ recovered, fault }) => recovered !== null && fault === 'inferred'),
      cancelled: count(({ cancelled }) => cancelled),
      incidents: count(({ fault }) => fault === 'incident'),
      inferredIncidents: count(({ fault, incidentAt }) => fault === 'inferred' && incidentAt !== null),
      recoveredInferredIncidents: count(
        ({ fault, incidentRecovered }) => fault === 'inferred' && incidentRecovered !== null,
      ),
    }
  })
}

function measuresOf({ environment, finish: at, duration, promotion, recovered, fault, leads, ...row }: Row) {
  const { incidentAt, incidentRecovered } = row
  const measure = (name: string, value: number | null) =>
    value === null ? [] : [{ environment, measure: name, bin: binOf(value), at, value }]
  return [
    ...measure('duration', duration),
    ...measure('promotion', promotion),
    ...measure(
      fault === 'inferred' ? 'inferred recovery' : 'recovery',
      recovered && recovered - (fault === 'incident' ? incidentAt! : at),
    ),
    ...measure(
      'inferred incident recovery',
      fault === 'inferred' ? incidentRecovered && incidentRecovered - incidentAt! : null,
    ),
    ...leads.flatMap(lead => measure('lead', lead)),
  ]
}

// 32 bins to each doubling, counted from 1; the same below zero.
function binOf(value: number): number {
  if (value === 0) return 0
  const doublings = Math.floor(Math.log2(Math.abs(value)))
  const within = Math.floor((Math.abs(value) / 2 ** doublings - 1) * 32)
  return Math.sign(value) * (doublings * 32 + within + 1)
}

function counted<T extends object>(list: T[]): (T & { count: number })[] {
  const counts = new Map<string, T & { count: number }>()
  for (const one of list) {
    const key = JSON.stringify(one)
    counts.set(key, { ...one, count: (counts.get(key)?.count ?? 0) + 1 })
  }
  return [...counts.values()]
}

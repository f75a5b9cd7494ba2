import { type Bucket, bucketDate, datesBetween, localDate, nextBucketDate, startOfDay } from './calendar.js'
import { type Incident, incidentsByOwner, placeOf } from '../deployments/incidents.js'
import type { Deployment } from '../deployments/deployments.js'
import { byText, defaultPipeline, environmentName, type Pipeline } from '../deployments/pipeline.js'
import { hasLabels, isOneOf, type Several } from './selected.js'
import {
  byFinish,
  finish,
  inferredRollbacks,
  instant,
  type Place,
  placesOf,
  reportedRollbacks,
  start,
} from '../deployments/places.js'

/** Which deployments count. */
export interface MetricsOf {
  environment: string | string[]
  application?: Several
  label?: string[] | undefined
}

export interface MetricsQuestion extends MetricsOf {
  /** Instants; the window has `from` in it, and not `to`. */
  from: string
  to: string
  bucket?: Bucket | undefined
  timezone?: string | undefined
  rollbacks?: 'reported' | undefined
}

type Fault = 'failed' | 'reported' | 'inferred' | 'incident'

/** What one deployment adds to the figures, in ms. */
interface Part {
  at: number
  /** Whether it never ran: then it counts as nothing else. */
  cancelled: boolean
  succeeded: boolean
  unplanned: boolean
  fault: Fault | undefined
  /** To the next success, or of incidents until all are resolved; `undefined`: it is open. */
  recovery: number | undefined
  /** What it is where inferred rollbacks are no faults. */
  otherwise: { fault: Fault | undefined; recovery: number | undefined }
  duration: number | undefined
  promotionLead: number | undefined
  commitLeads: number[]
  facts: Deployment['more']
}

/** The delivery metrics of the deployments of one tenant; asked again and again, it looks at them once. */
export class Metrics {
  private readonly places: Place[]
  private readonly parts = new Map<string, Part[]>()
  private readonly owned: Map<string, Incident[]>
  private readonly unattributed: Incident[]

  constructor(
    deployments: Deployment[],
    private readonly pipeline: Pipeline = defaultPipeline,
    incidents: Incident[] = [],
    /** Whenever they started. */
    private readonly known: Deployment[] = deployments,
  ) {
    this.places = placesOf(deployments, pipeline)
    const { owned, unattributed } = incidentsByOwner(incidents, deployments, pipeline)
    this.owned = owned
    this.unattributed = unattributed
  }

  /** The answer of the API. */
  figures(question: MetricsQuestion): Record<string, unknown> {
    const { application, from, to, bucket = 'day', timezone = 'UTC', rollbacks } = question
    const environments = this.environmentsOf(question)
    const applications = application === undefined ? [] : [...new Set([application].flat())]
    const labels = [...new Set(question.label)].toSorted(byText)
    const window = { from: instant(from), to: instant(to), bucket, timezone }
    const all = [...this.partsOf(question).values()]
      .flat()
      .filter(({ at }) => at >= window.from && at < window.to)
      .map(part => (rollbacks === 'reported' ? { ...part, ...part.otherwise } : part))
    const parts = all.filter(({ cancelled }) => !cancelled)
    const unattributed = this.unattributed.filter(incident => {
      const place = placeOf(incident, this.known, this.pipeline)
      return (
        place.environment !== undefined &&
        labels.length === 0 &&
        environments.includes(environmentName(place.environment, this.pipeline)) &&
        (application === undefined || isOneOf(place.application ?? '', application)) &&
        instant(incident.startedAt) >= window.from &&
        instant(incident.startedAt) < window.to
      )
    })
    const of = (fault: Fault) => parts.filter(part => part.fault === fault)
    const [failed, reported, inferred, incidents] = [of('failed'), of('reported'), of('inferred'), of('incident')]
    const faults = [...failed, ...reported, ...inferred, ...incidents]
    const recoveries = faults.flatMap(({ recovery }) => recovery ?? [])
    const commits = parts.flatMap(({ commitLeads }) => commitLeads)
    const durations = parts.flatMap(({ duration }) => duration ?? [])
    const promotions = parts.flatMap(({ promotionLead }) => promotionLead ?? [])
    const unplanned = parts.filter(part => part.unplanned).length
    const share = (count: number) => (parts.length > 0 ? count / parts.length : null)
    return {
      ...(environments.length === 1 ? { environment: environments[0] } : { environments }),
      ...(applications.length === 1 && { application: applications[0] }),
      ...(applications.length > 1 && { applications }),
      ...(labels.length > 0 && { labels }),
      from,
      to,
      timezone,
      deployments: parts.length,
      deploymentFrequency: frequency(parts, window),
      cancelled: all.length - parts.length,
      changeFailRate: {
        rate: share(faults.length),
        failed: failed.length,
        rolledBackReported: reported.length,
        rolledBackInferred: inferred.length,
        incidents: incidents.length,
        unattributed: unattributed.length,
      },
      leadTimeForChange: { ...medianAndP95(commits), commits: commits.length },
      failedDeploymentRecoveryTime: {
        medianSeconds: percentile(recoveries, 0.5),
        recovered: recoveries.length,
        open: faults.length - recoveries.length,
      },
      reworkRate: { rate: share(unplanned), unplanned },
      deploymentDuration: { ...medianAndP95(durations), count: durations.length },
      promotionLeadTime: { ...medianAndP95(promotions), tags: promotions.length },
    }
  }

  /** What a metric of a window, in milliseconds, consists of, by application. */
  consistsOf(
    metric: MetricName,
    { from, to, ...of }: MetricsOf & { from: number; to: number },
  ): Map<string, MetricPart[]> {
    return new Map(
      [...this.partsOf(of)].map(([application, parts]) => {
        const inWindow = parts.filter(({ at }) => at >= from && at < to)
        return [application, inWindow.flatMap(part => partsOfMetric[metric](part))]
      }),
    )
  }

  private environmentsOf({ environment }: MetricsOf): string[] {
    return [...new Set([environment].flat().map(name => environmentName(name, this.pipeline)))].toSorted(byText)
  }

  /** What counts, by application: in all of the environments together. */
  private partsOf({ application, label, ...of }: MetricsOf): Map<string, Part[]> {
    const environments = this.environmentsOf(of)
    const names = new Set(this.places.map(place => place.application))
    return new Map(
      [...names].flatMap((name): [string, Part[]][] => {
        if (!isOneOf(name, application)) return []
        const places = this.places.filter(one => one.application === name && environments.includes(one.environment))
        const key = JSON.stringify([name, environments])
        const known = this.parts.get(key) ?? this.together(places)
        this.parts.set(key, known)
        return places.length > 0 ? [[name, known.filter(({ facts }) => hasLabels(facts, label))]] : []
      }),
    )
  }

  /** A commit and a tag arrive once, wherever that is first; each environment has its own faults and recoveries. */
  private together(places: Place[]): Part[] {
    const successes = places
      .flatMap(({ deployments }) => deployments.filter(({ succeeded }) => succeeded))
      .toSorted(byFinish)
    const arrived = new Set<string>()
    const leads = new Map(successes.map(deployment => [deployment, firstArrivals(deployment, arrived)]))
    const firstOfTag = new Map(successes.toReversed().map(deployment => [deployment.imageTag, deployment]))
    return places.flatMap(place => this.lookAt(place, leads, firstOfTag))
  }

  private lookAt(place: Place, leads: Map<Deployment, number[]>, firstOfTag: Map<string, Deployment>): Part[] {
    const inferred = new Set(inferredRollbacks(place).values())
    const reported = reportedRollbacks(place)
    const finished = place.deployments.filter(({ status }) => status !== 'PENDING').toSorted(byFinish)
    const inFirst = this.firstFinishesInFirstEnvironment(place.application)
    return finished.map((deployment, index) => {
      const { succeeded, imageTag, completedAt, more } = deployment
      const at = finish(deployment)
      const fault = faultOf(deployment, reported, inferred)
      const next = finished.slice(index + 1).find(later => later.succeeded)
      const recovery = next && finish(next) - at
      const own = succeeded && fault !== 'failed' && fault !== 'reported' ? this.owned.get(deployment.id) : undefined
      const byIncident = own && {
        fault: 'incident' as const,
        recovery: recoveryFrom(
          own,
          finished.slice(index + 1).filter(later => later.succeeded),
        ),
      }
      const isInferred = fault === 'inferred'
      const withoutInferred = isInferred ? { fault: undefined, recovery: undefined } : { fault, recovery }
      const otherwise = byIncident ?? withoutInferred
      const promotedAt = firstOfTag.get(imageTag) === deployment ? inFirst.get(imageTag) : undefined
      const duration = succeeded && completedAt !== undefined ? at - start(deployment) : undefined
      return {
        at,
        cancelled: deployment.status === 'CANCELLED',
        succeeded,
        unplanned: more['unplanned'] === true,
        ...(isInferred ? { fault, recovery } : otherwise),
        otherwise,
        duration,
        promotionLead: promotedAt !== undefined && promotedAt <= at ? at - promotedAt : undefined,
        commitLeads: (leads.get(deployment) ?? []).map(committedAt => at - committedAt),
        facts: more,
      }
    })
  }

  /** When each tag first succeeded in the first environment of the pipeline. */
  private firstFinishesInFirstEnvironment(application: string): Map<string, number> {
    const first = this.places.find(
      place => place.application === application && place.environment === this.pipeline.environments[0],
    )
    const successes = (first?.deployments ?? []).filter(({ succeeded }) => succeeded).toSorted(byFinish)
    return new Map(successes.toReversed().map(deployment => [deployment.imageTag, finish(deployment)]))
  }
}

/** What one deployment, or commit, adds to a metric; with its milliseconds where the metric is made of them. */
export type MetricPart = [word: string, milliseconds?: number]

export type MetricName = keyof typeof partsOfMetric

const partsOfMetric = {
  deployments: ({ cancelled }: Part): MetricPart[] => (cancelled ? [] : [['counted']]),
  deploymentFrequency: ({ succeeded }: Part): MetricPart[] => (succeeded ? [['counted']] : []),
  cancelled: ({ cancelled }: Part): MetricPart[] => (cancelled ? [['counted']] : []),
  changeFailRate: ({ cancelled, fault }: Part): MetricPart[] => (cancelled ? [] : [[fault ?? 'counted']]),
  leadTimeForChange: ({ commitLeads }: Part) => commitLeads.map((lead): MetricPart => ['counted', lead]),
  failedDeploymentRecoveryTime: ({ fault, recovery }: Part): MetricPart[] =>
    fault ? [recovery === undefined ? ['open'] : ['recovered', recovery]] : [],
  reworkRate: ({ cancelled, unplanned }: Part): MetricPart[] =>
    cancelled ? [] : [[unplanned ? 'unplanned' : 'counted']],
  deploymentDuration: ({ duration }: Part): MetricPart[] => (duration === undefined ? [] : [['counted', duration]]),
  promotionLeadTime: ({ promotionLead }: Part): MetricPart[] =>
    promotionLead === undefined ? [] : [['counted', promotionLead]],
}

/** A metric of its parts, without buckets. @param days of the calendar */
export function metricOf(metric: MetricName, parts: MetricPart[], days: number): unknown {
  const count = (word: string) => parts.filter(([one]) => one === word).length
  const share = (number: number) => (parts.length > 0 ? number / parts.length : null)
  const times = parts.flatMap(([, milliseconds]) => milliseconds ?? [])
  const [failed, reported, inferred, incidents] = ['failed', 'reported', 'inferred', 'incident'].map(count) as [
    number,
    number,
    number,
    number,
  ]
  switch (metric) {
    case 'deployments':
    case 'cancelled':
      return parts.length
    case 'deploymentFrequency':
      return { count: parts.length, perDay: parts.length / days }
    case 'changeFailRate':
      return {
        rate: share(failed + reported + inferred + incidents),
        failed,
        rolledBackReported: reported,
        rolledBackInferred: inferred,
        incidents,
      }
    case 'failedDeploymentRecoveryTime':
      return { medianSeconds: percentile(times, 0.5), recovered: count('recovered'), open: count('open') }
    case 'reworkRate':
      return { rate: share(count('unplanned')), unplanned: count('unplanned') }
    case 'leadTimeForChange':
      return { ...medianAndP95(times), commits: times.length }
    case 'deploymentDuration':
      return { ...medianAndP95(times), count: times.length }
    case 'promotionLeadTime':
      return { ...medianAndP95(times), tags: times.length }
  }
}

/** Failed; else rolled back, or named as what another one undoes; else gone back from. Never of what was cancelled. */
function faultOf(
  deployment: Deployment,
  reported: Map<string, Deployment[]>,
  inferred: Set<Deployment>,
): Fault | undefined {
  if (deployment.status === 'CANCELLED') return undefined
  if (deployment.status === 'FAILED') return 'failed'
  if (deployment.status === 'ROLLED_BACK' || reported.has(deployment.id)) return 'reported'
  return inferred.has(deployment) ? 'inferred' : undefined
}

/**
 * From the start of the first incident until the last is resolved; while one is open to the next success that finished after that start.
 * @param later the successes that finished after the deployment, in order
 */
function recoveryFrom(incidents: Incident[], later: Deployment[]): number | undefined {
  const start = Math.min(...incidents.map(({ startedAt }) => instant(startedAt)))
  const ends = incidents.map(({ resolvedAt }) => (resolvedAt === undefined ? Infinity : instant(resolvedAt)))
  if (!ends.includes(Infinity)) return Math.max(...ends) - start
  const next = later.find(deployment => finish(deployment) > start)
  return next && finish(next) - start
}

/** When the commits were made that have arrived with it and not before, in ms; of its `gitCommit` nobody may have said when. */
function firstArrivals({ more }: Deployment, arrived: Set<string>): number[] {
  const commits = (more['commits'] ?? []) as { sha: string; committedAt?: string }[]
  const own = more['gitCommit'] === undefined ? [] : [{ sha: more['gitCommit'] as string, committedAt: undefined }]
  return [...commits, ...own].flatMap(({ sha, committedAt }) => {
    if (arrived.has(sha)) return []
    arrived.add(sha)
    return committedAt === undefined ? [] : [instant(committedAt)]
  })
}

interface Window {
  from: number
  to: number
  bucket: Bucket
  timezone: string
}

function frequency(parts: Part[], { from, to, bucket: size, timezone }: Window): object {
  const successes = parts.filter(({ succeeded }) => succeeded).map(({ at }) => at)
  const [first, last] = [localDate(from, timezone), localDate(to - 1, timezone)]
  const starts: number[] = []
  for (let date = bucketDate(first, size); date <= last; date = nextBucketDate(date, size)) {
    const start = startOfDay(date, timezone)
    // A date that was left out begins with the next one.
    if (start !== starts.at(-1)) starts.push(start)
  }
  const counts = starts.map(() => 0)
  let bucket = 0
  for (const at of successes.toSorted((a, b) => a - b)) {
    while (bucket + 1 < starts.length && starts[bucket + 1]! <= at) bucket++
    counts[bucket]! += 1
  }
  return {
    count: successes.length,
    perDay: successes.length / datesBetween(first, last, timezone),
    buckets: starts.map((begin, index) => ({
      start: new Date(begin).toISOString().replace('.000Z', 'Z'),
      count: counts[index],
    })),
  }
}

function medianAndP95(milliseconds: number[]): object {
  return { medianSeconds: percentile(milliseconds, 0.5), p95Seconds: percentile(milliseconds, 0.95) }
}

/** In seconds, as `percentile_cont` interpolates it; `null` of nothing. */
function percentile(milliseconds: number[], share: number): number | null {
  if (milliseconds.length === 0) return null
  const ordered = milliseconds.toSorted((a, b) => a - b)
  const rank = share * (ordered.length - 1)
  const [low, high] = [ordered[Math.floor(rank)]!, ordered[Math.ceil(rank)]!]
  return (low + (rank - Math.floor(rank)) * (high - low)) / 1000
}

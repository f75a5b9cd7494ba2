import { type Bucket, bucketDate, datesBetween, localDate, nextBucketDate, startOfDay } from './calendar.js'
import { type Deployment, foldDeployments } from '../deployments/deployments.js'
import { foldIncidents } from '../deployments/incidents.js'
import type { RawRecord } from '../log/log-reader.js'
import { type MetricName, Metrics, type MetricPart, metricOf, type MetricsOf } from './metrics.js'
import { defaultPipeline, environmentName } from '../deployments/pipeline.js'
import { finish, instant } from '../deployments/places.js'

export interface ChangesQuestion extends MetricsOf {
  metric: MetricName
  since: string
  bucket: Bucket
  timezone: string
}

/** A period whose figure has changed, and the events that changed it, by their positions. */
export interface ChangedPeriod {
  start: string
  from: unknown
  to: unknown
  events: { position: string; from: unknown; to: unknown }[]
}

interface Known {
  record: RawRecord
  at: number
}

/**
 * What moved the figures of past periods, by folding the log again after each event: in the order in which the events were known, those of one
 * millisecond in that of the log. Asked again and again, it folds each beginning of the log once.
 */
export class Changes {
  private readonly known: Known[]
  private readonly worlds = new Map<number, World>()

  /** @param records of the deployments of one tenant; in the order of each partition */
  constructor(records: RawRecord[]) {
    const latest = new Map<string, number>()
    const known = records.map(record => {
      const stream = record.headers['ce_subject']!
      const at = Math.max(instant(record.headers['ce_recordedtime']!), latest.get(stream) ?? -Infinity)
      latest.set(stream, at)
      return { record, at }
    })
    const seq = ({ record }: Known) => Number(record.headers['ce_ledgerseq'])
    this.known = known.toSorted((a, b) => a.at - b.at || a.record.partition - b.record.partition || seq(a) - seq(b))
  }

  periods(question: ChangesQuestion, now: string): ChangedPeriod[] {
    const { bucket, timezone } = question
    const nameOf = (name: string) => environmentName(name, defaultPipeline)
    const finishes = this.known
      .flatMap((_, n) => this.world(n + 1).deployments)
      .filter(({ environment }) => [question.environment].flat().map(nameOf).includes(nameOf(environment)))
      .map(finish)
    const dates = new Set(finishes.map(at => bucketDate(localDate(at, timezone), bucket)))
    return [...dates]
      .toSorted()
      .map(date => [startOfDay(date, timezone), startOfDay(nextBucketDate(date, bucket), timezone)] as const)
      .filter(([, end]) => end <= instant(now))
      .flatMap(window => this.period(question, window) ?? [])
  }

  private period(question: ChangesQuestion, [from, to]: readonly [number, number]): ChangedPeriod | undefined {
    const { metric, timezone } = question
    const baseline = Math.max(to, instant(question.since))
    const first = this.known.findLastIndex(({ at }) => at <= baseline) + 1
    const partsAfter = (events: number) => this.world(events).metrics.consistsOf(metric, { ...question, from, to })
    const [before, now] = [partsAfter(first), partsAfter(this.known.length)]
    const changed = (name: string) => textOf(before.get(name)) !== textOf(now.get(name))
    const applications = [...new Set([...before.keys(), ...now.keys()])]
    const days = datesBetween(localDate(from, timezone), localDate(to - 1, timezone), timezone)
    const figureAfter = (events: number) => {
      const parts = events === this.known.length ? now : partsAfter(events)
      const all = applications.flatMap(name => (changed(name) ? parts : now).get(name) ?? [])
      return metricOf(metric, all, days)
    }
    const figures = Array.from({ length: this.known.length - first + 1 }, (_, n) => figureAfter(first + n))
    const [start, last] = [figures[0], figures.at(-1)]
    if (JSON.stringify(start) === JSON.stringify(last)) return undefined
    const events = figures.slice(1).flatMap((figure, n) => {
      if (JSON.stringify(figures[n]) === JSON.stringify(figure)) return []
      const { partition, headers } = this.known[first + n]!.record
      return [{ position: `${partition}:${headers['ce_ledgerseq']!}`, from: figures[n], to: figure }]
    })
    return { start: new Date(from).toISOString().replace('.000Z', 'Z'), from: start, to: last, events }
  }

  /** What is known after so many events. */
  private world(events: number): World {
    const known = this.worlds.get(events) ?? worldOf(this.known.slice(0, events).map(({ record }) => record))
    this.worlds.set(events, known)
    return known
  }
}

interface World {
  deployments: Deployment[]
  metrics: Metrics
}

// Each beginning of the log is one of whole partitions' beginnings: a deployment is recorded before it changes.
function worldOf(records: RawRecord[]): World {
  const deployments = foldDeployments(records)
  return { deployments, metrics: new Metrics(deployments, defaultPipeline, foldIncidents(records)) }
}

const textOf = (parts: MetricPart[] = []) => JSON.stringify(parts.map(part => JSON.stringify(part)).toSorted())

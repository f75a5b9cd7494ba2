import { type Metric, metrics } from '#libs/api'
import { formatInstant } from '#libs/contracts'
import { InstantParameter, parameterProblem, TextParameter, WordParameter } from '#libs/http'
import {
  buckets,
  defaultFrom,
  type Bucket,
  type ChangesRequest,
  type MetricValuesRequest,
  type AsOf,
} from '#libs/read-models'
import { AsOfQuery } from '../reads/as-of-params.js'
import { applications, cursor, environments, labels, limit } from '../reads/list-params.js'
import { timezoneOf } from '../reads/timezone.js'

const DAY_MS = 86_400_000
/** Longest window: 273 years. */
const MOST_DAYS = 100_000

const environmentsOrLast = environments('Environment. Default: the last one of the pipeline.')
const labelled = labels('deployments with')
const timezone = TextParameter({
  maxLength: 64,
  description: 'IANA time zone of days, weeks and months, such as `Europe/Vienna`.',
  default: 'UTC',
})
const bucketOf = (standard: Bucket) =>
  WordParameter({ of: buckets, default: standard, description: 'Length of a period; weeks begin on Monday.' })

export class MetricsQuery extends AsOfQuery {
  @environmentsOrLast
  environment?: string[]

  @applications
  application?: string[]

  @labelled
  label?: string[]

  @InstantParameter({
    description: 'Start of the window, inclusive. Default: 30 days before `to`.',
  })
  from?: string

  @InstantParameter({
    description: 'End of the window, exclusive. Default: `asOf`, else now.',
  })
  to?: string

  @bucketOf('day')
  bucket: Bucket = 'day'

  @timezone
  timezone = 'UTC'

  @WordParameter({
    of: ['all', 'reported'],
    default: 'all',
    description: 'Rollbacks that count as failures: `all`, or only `reported` ones and not inferred ones.',
  })
  rollbacks: 'all' | 'reported' = 'all'

  @WordParameter({
    of: metrics,
    description: 'Metric to explain: the response lists its contributing deployments instead of the metrics.',
  })
  explain?: Metric

  @limit
  limit = 50

  @cursor
  cursor?: string
}

export class ChangesQuery {
  @WordParameter({
    of: metrics,
    description: 'Metric whose values are compared.',
    required: true,
    example: 'changeFailRate',
  })
  metric: Metric

  @InstantParameter({
    description: 'Time to compare with: the response shows what was recorded after it.',
    required: true,
    example: '2026-02-01T00:00:00Z',
  })
  since: string

  @environmentsOrLast
  environment?: string[]

  @applications
  application?: string[]

  @labelled
  label?: string[]

  @bucketOf('month')
  bucket: Bucket = 'month'

  @timezone
  timezone = 'UTC'

  @limit
  limit = 50

  @cursor
  cursor?: string
}

/** The request of a query; throws a 400 for an unknown time zone. */
export function changesRequest(tenant: string, query: ChangesQuery): ChangesRequest {
  const { metric, since, environment, application, label, bucket, limit: pageSize, cursor: pageCursor } = query
  const filters = { environment, application, label, bucket, timezone: timezoneOf(query) }
  return { tenant, metric, since, ...filters, limit: pageSize, cursor: pageCursor }
}

/** The request of a query; throws a 400 for an empty or too long window and for an unknown time zone. */
export function metricsRequest(tenant: string, query: MetricsQuery, now: Date): MetricValuesRequest & AsOf {
  const { environment, application, label, bucket, rollbacks, asOf, knownAt } = query
  const to = query.to ?? asOf ?? formatInstant(now)
  const from = query.from ?? formatInstant(new Date(defaultFrom(Date.parse(to))))
  if (Date.parse(from) >= Date.parse(to)) {
    throw parameterProblem([
      { parameter: 'from', detail: `must be before ${query.to ? '`to`' : `\`to\`, which is ${to}`}` },
    ])
  }
  // An explanation has no buckets.
  if (!query.explain && Date.parse(to) - Date.parse(from) > MOST_DAYS * DAY_MS) {
    throw parameterProblem([
      { parameter: 'from', detail: `must be at most ${MOST_DAYS} days before ${query.to ? '`to`' : to}` },
    ])
  }
  return {
    tenant,
    environment,
    application,
    label,
    from,
    to,
    bucket,
    rollbacks,
    asOf,
    knownAt,
    timezone: timezoneOf(query),
  }
}

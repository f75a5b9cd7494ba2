import { formatInstant } from '#libs/contracts'
import { InstantParameter, parameterProblem, TextParameter, WordParameter } from '#libs/http'
import {
  buckets,
  defaultFrom,
  metrics,
  type Bucket,
  type ChangesRequest,
  type FiguresRequest,
  type Metric,
  type Moment,
} from '#libs/read-models'
import { AsOfQuery } from '../as-of-question.js'
import { cursor, environment, limit } from '../deployment-questions.js'
import { timezoneOf } from '../timezone.js'

const DAY_MS = 86_400_000
/** 273 years. */
const MOST_DAYS = 100_000

const environmentOrLast = environment('Aliases resolve; the last one of the pipeline where left out.', 'prod')
const application = TextParameter({
  maxLength: 128,
  description: 'Only this application; all of them where left out.',
  example: 'checkout',
})
const timezone = TextParameter({
  maxLength: 64,
  description: 'Whose days, weeks and months are meant: an IANA name; `UTC` where left out.',
  example: 'Europe/Vienna',
})
const bucketOf = (standard: Bucket) =>
  WordParameter({ of: buckets, default: standard, description: 'How time is divided; weeks begin on Monday.' })

export class MetricsQuery extends AsOfQuery {
  @environmentOrLast
  environment?: string

  @application
  application?: string

  @InstantParameter({
    description: 'Finished then or later; 30 days before `to` where left out.',
    example: '2026-02-01T00:00:00Z',
  })
  from?: string

  @InstantParameter({
    description: 'Finished before then; `asOf`, else now, where left out.',
    example: '2026-03-01T00:00:00Z',
  })
  to?: string

  @bucketOf('day')
  bucket: Bucket = 'day'

  @timezone
  timezone = 'UTC'

  @WordParameter({
    of: ['all', 'reported'],
    default: 'all',
    description: '`reported`: inferred rollbacks do not count, neither as failures nor to be recovered from.',
  })
  rollbacks: 'all' | 'reported' = 'all'

  @WordParameter({
    of: metrics,
    description: 'Instead of the figures, what is behind this one: see below.',
  })
  explain?: Metric

  @limit
  limit = 50

  @cursor
  cursor?: string
}

export class ChangesQuery {
  @WordParameter({ of: metrics, description: 'Required. Whose figures.' })
  metric?: Metric

  @InstantParameter({
    description: 'Required. What was recorded after it.',
    example: '2026-03-01T00:00:00Z',
  })
  since?: string

  @environmentOrLast
  environment?: string

  @application
  application?: string

  @bucketOf('month')
  bucket: Bucket = 'month'

  @timezone
  timezone = 'UTC'

  @limit
  limit = 50

  @cursor
  cursor?: string
}

/** What a query asks for; 400 where it names no metric or no time, or nobody knows its time zone. */
export function changesRequest(tenant: string, query: ChangesQuery): ChangesRequest {
  const { metric, since, environment, application, bucket, limit: most, cursor: goOn } = query
  const missing = Object.entries({ metric, since }).filter(([, value]) => value === undefined)
  if (metric === undefined || since === undefined) {
    throw parameterProblem(missing.map(([parameter]) => ({ parameter, detail: 'is required' })))
  }
  const narrow = { environment, application, bucket, timezone: timezoneOf(query) }
  return { tenant, metric, since, ...narrow, limit: most, cursor: goOn }
}

/** What a query asks for, at a moment; 400 where its window is none, or is too long, or nobody knows its time zone. */
export function figuresRequest(tenant: string, query: MetricsQuery, now: Date): FiguresRequest & Moment {
  const { environment, application, bucket, rollbacks, asOf, knownAt } = query
  const to = query.to ?? asOf ?? formatInstant(now)
  const from = query.from ?? formatInstant(new Date(defaultFrom(Date.parse(to))))
  if (Date.parse(from) >= Date.parse(to)) {
    throw parameterProblem([{ parameter: 'from', detail: `must be before ${query.to ? 'to' : `to, which is ${to}`}` }])
  }
  // What is behind a figure is not divided into days.
  if (!query.explain && Date.parse(to) - Date.parse(from) > MOST_DAYS * DAY_MS) {
    throw parameterProblem([
      { parameter: 'from', detail: `is more than ${MOST_DAYS} days before ${query.to ? 'to' : to}` },
    ])
  }
  return { tenant, environment, application, from, to, bucket, rollbacks, asOf, knownAt, timezone: timezoneOf(query) }
}

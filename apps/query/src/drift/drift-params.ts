import { BooleanParameter, InstantParameter, parameterProblem, TextParameter } from '#libs/http'
import { AsOfQuery } from '../reads/as-of-params.js'
import { application, applications, cursor, environment, labels, limit } from '../reads/list-params.js'

export class DriftQuery extends AsOfQuery {
  @environment('Environment to compare. Required with `target`. Default: all environments of the pipeline.')
  source?: string

  @environment('Environment to compare with. Required with `source`.')
  target?: string

  @applications
  application?: string[]

  @labels('applications that have an active deployment in one of the environments with')
  label?: string[]

  @BooleanParameter({ description: 'Filter: only applications that differ.', default: false })
  onlyDiffering?: boolean

  @limit
  limit = 50

  @cursor
  cursor?: string
}

export class EnvironmentChangesQuery extends AsOfQuery {
  @environment('Environment that has the changes.', { example: 'staging' })
  source: string

  @environment('Environment that lacks them.', { example: 'production' })
  target: string

  @applications
  application?: string[]

  @labels('applications that have an active deployment in one of the environments with')
  label?: string[]

  @limit
  limit = 50

  @cursor
  cursor?: string
}

export class DriftHistoryQuery extends AsOfQuery {
  @environment('Environment to compare.', { example: 'staging' })
  source: string

  @environment('Environment to compare with.', { example: 'production' })
  target: string

  @application
  application?: string

  @InstantParameter({
    description: 'Time in the first day. Default: 30 days before `to`.',
  })
  from?: string

  @InstantParameter({
    description: 'End of the window: the last day begins before this time. Default: `asOf`, else now.',
  })
  to?: string

  @TextParameter({ maxLength: 64, description: 'IANA time zone of the days, such as `Europe/London`.', default: 'UTC' })
  timezone = 'UTC'
}

/** Both environments of a comparison; throws a 400 if a query names only one. */
export function bothOf({ source, target }: DriftQuery): { source: string; target: string } {
  if (source !== undefined && target !== undefined) return { source, target }
  const [missing, given] = source === undefined ? ['source', 'target'] : ['target', 'source']
  throw parameterProblem([{ parameter: missing, detail: `is required with \`${given}\`` }])
}

import { BooleanParameter, InstantParameter, TextParameter } from '#libs/http'
import { AsOfQuery } from '../as-of-question.js'
import { application, cursor, environment, limit } from '../deployment-questions.js'

export class DriftQuery extends AsOfQuery {
  @environment('Environment to compare. Give both `source` and `target`, or neither for all environments.')
  source?: string

  @environment('Environment to compare with.')
  target?: string

  @application
  application?: string

  @BooleanParameter({ description: 'Filter: only applications that differ.', default: false })
  onlyDiffering?: boolean

  @limit
  limit = 50

  @cursor
  cursor?: string
}

export class DriftHistoryQuery extends AsOfQuery {
  @environment('Environment to compare.')
  source?: string

  @environment('Environment to compare with.')
  target?: string

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

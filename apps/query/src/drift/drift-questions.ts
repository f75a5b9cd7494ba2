import { BooleanParameter, InstantParameter, TextParameter } from '#libs/http'
import { AsOfQuery } from '../as-of-question.js'
import { application, cursor, environment, limit } from '../deployment-questions.js'

export class DriftQuery extends AsOfQuery {
  @environment(
    'The environment that is compared; aliases resolve. Left out with `target`: all of the pipeline.',
    'staging',
  )
  source?: string

  @environment('The environment that it is compared with; aliases resolve.', 'production')
  target?: string

  @application
  application?: string

  @BooleanParameter({ description: 'Only applications whose tags differ.', example: true })
  onlyDiffering?: boolean

  @limit
  limit = 50

  @cursor
  cursor?: string
}

export class DriftHistoryQuery extends AsOfQuery {
  @environment('Required. The environment that is compared; aliases resolve.', 'staging')
  source?: string

  @environment('Required. The environment that it is compared with; aliases resolve.', 'production')
  target?: string

  @application
  application?: string

  @InstantParameter({
    description: 'From the day on in which this is; 30 days before `to`.',
    example: '2026-02-01T00:00:00Z',
  })
  from?: string

  @InstantParameter({
    description: 'Until the day that ends with it, or in which it is; now.',
    example: '2026-03-01T00:00:00Z',
  })
  to?: string

  @TextParameter({ maxLength: 64, description: 'Whose days are meant, as IANA names it.', example: 'Europe/London' })
  timezone = 'UTC'
}

import { BooleanParameter, TextParameter } from '#libs/http'
import { AsOfQuery } from '../as-of-question.js'
import { cursor, limit } from '../deployment-questions.js'

export class KeyHistoryQuery extends AsOfQuery {
  @limit
  limit = 50

  @cursor
  cursor?: string
}

export class FlagsQuery extends KeyHistoryQuery {
  @TextParameter({ maxLength: 1024, description: 'Only keys that begin so.', example: 'query.' })
  prefix?: string
}

export class ConfigurationsQuery extends FlagsQuery {
  @BooleanParameter({ description: 'All of it, as JSON by key: what a PUT of the whole takes.', example: true })
  export?: boolean
}

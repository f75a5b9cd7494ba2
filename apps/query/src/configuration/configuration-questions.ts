import { BooleanParameter, InstantParameter, TextParameter } from '#libs/http'
import { cursor, limit } from '../deployment-questions.js'

const asOf = InstantParameter({
  description: 'What had happened until then, then included.',
  example: '2026-02-12T10:00:00Z',
})
const knownAt = InstantParameter({
  description: 'What had been recorded until then, then included.',
  example: '2026-02-12T10:00:00Z',
})

/** A time to look back from. */
export class AsOfQuery {
  @asOf
  asOf?: string

  @knownAt
  knownAt?: string
}

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

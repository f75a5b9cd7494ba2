import { BooleanParameter, TextParameter } from '#libs/http'
import { AsOfQuery } from '../reads/as-of-params.js'
import { cursor, limit } from '../reads/list-params.js'

export class KeyHistoryQuery extends AsOfQuery {
  @limit
  limit = 50

  @cursor
  cursor?: string
}

export class FlagsQuery extends KeyHistoryQuery {
  @TextParameter({ maxLength: 1024, description: 'Filter: only keys with this prefix. Default: all.' })
  prefix?: string
}

export class ConfigurationsQuery extends FlagsQuery {
  @BooleanParameter({
    description:
      'Whether to return all configurations as one JSON object, in the format of `PUT .../configurations`; `limit` and `cursor` are ignored then.',
    default: false,
  })
  export?: boolean
}

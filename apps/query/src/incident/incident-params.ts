import { BooleanParameter, InstantParameter } from '#libs/http'
import { AsOfQuery } from '../reads/as-of-params.js'
import { application, cursor, environment, limit } from '../reads/list-params.js'

export class IncidentsQuery extends AsOfQuery {
  @application
  application?: string

  @environment('Filter: only this environment. Default: all.')
  environment?: string

  @BooleanParameter({
    description: 'Filter: only open incidents (`true`), or only resolved ones (`false`). Default: all.',
  })
  open?: boolean

  @InstantParameter({ description: 'Filter: only incidents that started at this time or later. Default: no limit.' })
  from?: string

  @InstantParameter({ description: 'Filter: only incidents that started before this time. Default: no limit.' })
  to?: string

  @limit
  limit = 50

  @cursor
  cursor?: string
}

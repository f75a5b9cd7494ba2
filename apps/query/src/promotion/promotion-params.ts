import { promotionStates, type PromotionState } from '#libs/contracts'
import { ChoicesParameter } from '#libs/http'
import { AsOfQuery } from '../reads/as-of-params.js'
import { cursor, environment, limit } from '../reads/list-params.js'

export class PromotionsQuery {
  @ChoicesParameter({ of: promotionStates, description: 'Filter: only these states; repeatable. Default: all.' })
  state?: PromotionState[]

  @environment('Filter: only promotions from this environment. Default: all.')
  source?: string

  @environment('Filter: only promotions to this environment. Default: all.')
  target?: string

  @limit
  limit = 50

  @cursor
  cursor?: string
}

/** Two environments to compare. */
export class DiffQuery extends AsOfQuery {
  @environment('Environment to promote from.', { example: 'staging' })
  source: string

  @environment('Environment to promote to.', { example: 'production' })
  target: string
}

export class DriftQuery extends DiffQuery {
  @limit
  limit = 50

  @cursor
  cursor?: string
}

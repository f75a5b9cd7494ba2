import { promotionStates, type PromotionState } from '#libs/contracts'
import { ChoicesParameter, parameterProblem } from '#libs/http'
import { AsOfQuery } from '../as-of-question.js'
import { cursor, environment, limit } from '../deployment-questions.js'

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
  @environment('Environment to promote from.')
  source?: string

  @environment('Environment to promote to.')
  target?: string
}

export class DriftQuery extends DiffQuery {
  @limit
  limit = 50

  @cursor
  cursor?: string
}

/** Both environments of a comparison; throws a 400 that names a missing one. */
export function bothOf({ source, target }: DiffQuery): { source: string; target: string } {
  if (source !== undefined && target !== undefined) return { source, target }
  const missing = Object.entries({ source, target }).filter(([, value]) => value === undefined)
  throw parameterProblem(missing.map(([parameter]) => ({ parameter, detail: 'is required' })))
}

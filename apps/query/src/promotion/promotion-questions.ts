import { promotionStates, type PromotionState } from '#libs/contracts'
import { ChoicesParameter, parameterProblem } from '#libs/http'
import { AsOfQuery } from '../as-of-question.js'
import { cursor, environment, limit } from '../deployment-questions.js'

export class PromotionsQuery {
  @ChoicesParameter({ of: promotionStates, description: 'Only these states; may be there several times.' })
  state?: PromotionState[]

  @environment('Only from this environment; aliases resolve.', 'staging')
  source?: string

  @environment('Only to this environment; aliases resolve.', 'production')
  target?: string

  @limit
  limit = 50

  @cursor
  cursor?: string
}

/** Two environments, compared. */
export class DiffQuery extends AsOfQuery {
  @environment('Required. Where a promotion would come from; aliases resolve.', 'staging')
  source?: string

  @environment('Required. Where it would go; aliases resolve.', 'production')
  target?: string
}

export class DriftQuery extends DiffQuery {
  @limit
  limit = 50

  @cursor
  cursor?: string
}

/** Both environments of a question; throws a 400 naming what is missing. */
export function bothOf({ source, target }: DiffQuery): { source: string; target: string } {
  if (source !== undefined && target !== undefined) return { source, target }
  const missing = Object.entries({ source, target }).filter(([, value]) => value === undefined)
  throw parameterProblem(missing.map(([parameter]) => ({ parameter, detail: 'is required' })))
}

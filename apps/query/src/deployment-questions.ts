import { defaultApplication, deploymentStatuses, type DeploymentStatus } from '#libs/contracts'
import { ChoicesParameter, InstantParameter, IntegerParameter, TextParameter, UuidQueryParameter } from '#libs/http'
import { asOf, AsOfQuery, knownAt } from './as-of-question.js'

/** How many at most. */
export const limit = IntegerParameter({
  minimum: 1,
  maximum: 500,
  default: 50,
  description: 'How many at most; the header `Link` has the next part.',
})
/** Where a list goes on. */
export const cursor = TextParameter({
  maxLength: 4096,
  description: 'Where to go on: from `Link`, with the same filters.',
})
/** Narrows to one application. */
export const application = TextParameter({
  maxLength: 128,
  description: 'Only this application.',
  example: 'checkout',
})
/** Any name of an environment. */
export const environment = (description: string, example: string): PropertyDecorator =>
  TextParameter({
    maxLength: 64,
    description: `${description} Case and spaces at the ends make no difference.`,
    example,
  })

/** What narrows a tag. */
export class NarrowingQuery {
  @application
  application?: string

  @environment('Only this environment; aliases resolve.', 'prod')
  environment?: string
}

export class CurrentQuery extends NarrowingQuery {
  @asOf
  asOf?: string

  @knownAt
  knownAt?: string

  @limit
  limit = 50

  @cursor
  cursor?: string
}

export class HistoryQuery extends CurrentQuery {
  @ChoicesParameter({ of: deploymentStatuses, description: 'Only these outcomes; may be there several times.' })
  status?: DeploymentStatus[]

  @TextParameter({ maxLength: 256, description: 'Only this tag.', example: 'v2.1.0-abc1234' })
  imageTag?: string

  @TextParameter({ maxLength: 256, description: 'Only this commit, as it was recorded.', example: 'abc1234' })
  gitCommit?: string

  @TextParameter({ maxLength: 512, description: 'Only this branch.', example: 'main' })
  gitBranch?: string

  @TextParameter({ maxLength: 256, description: 'Only by this one.', example: 'ci@acme.example' })
  actor?: string

  @InstantParameter({ description: 'Started then or later.', example: '2026-02-01T00:00:00Z' })
  from?: string

  @InstantParameter({ description: 'Started before then.', example: '2026-03-01T00:00:00Z' })
  to?: string
}

/** Whose path, and as of when. */
export class PathQuery extends AsOfQuery {
  @application
  application?: string
}

export class RollbackTargetQuery extends AsOfQuery {
  @TextParameter({
    maxLength: 128,
    description: `Of the problem; \`${defaultApplication}\` where neither it nor a deployment is named.`,
    example: 'checkout',
  })
  application?: string

  @environment('Of the problem, which is what runs there unless a deployment is named; aliases resolve.', 'prod')
  environment?: string

  @UuidQueryParameter({ description: 'The problem.' })
  deploymentId?: string
}

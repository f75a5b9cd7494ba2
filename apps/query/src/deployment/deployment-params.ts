import { defaultApplication, deploymentStatuses, type DeploymentStatus } from '#libs/contracts'
import {
  BooleanParameter,
  ChoicesParameter,
  InstantParameter,
  IntegerParameter,
  TextParameter,
  UuidQueryParameter,
} from '#libs/http'
import { asOf, AsOfQuery, knownAt } from '../reads/as-of-params.js'
import { application, applications, cursor, environment, environments, labels, limit } from '../reads/list-params.js'

/** Filters of the deployments of a tag. */
export class TagFilterQuery {
  @application
  application?: string

  @environment('Filter: only this environment. Default: all.')
  environment?: string
}

export class CurrentQuery {
  @applications
  application?: string[]

  @environments('Filter: only this environment. Default: all.')
  environment?: string[]

  @labels('deployments with')
  label?: string[]

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
  @ChoicesParameter({ of: deploymentStatuses, description: 'Filter: only these statuses; repeatable. Default: all.' })
  status?: DeploymentStatus[]

  @BooleanParameter({
    default: false,
    description: 'Whether to list the deployments that were voided as mistakes, too, with `voidedAt`. Default: no.',
  })
  includeVoided = false

  @TextParameter({ maxLength: 256, description: 'Filter: only this tag. Default: all.' })
  imageTag?: string

  @TextParameter({
    maxLength: 256,
    description:
      'Filter: only this commit: its name as recorded, or the first 7 or more digits of its hash. Default: all.',
  })
  gitCommit?: string

  @TextParameter({ maxLength: 512, description: 'Filter: only this branch. Default: all.' })
  gitBranch?: string

  @TextParameter({ maxLength: 256, description: 'Filter: only this actor. Default: all.' })
  actor?: string

  @InstantParameter({ description: 'Filter: only deployments that started at this time or later. Default: no limit.' })
  from?: string

  @InstantParameter({ description: 'Filter: only deployments that started before this time. Default: no limit.' })
  to?: string
}

/** Parameters of the path of a tag or commit. */
export class PathQuery extends AsOfQuery {
  @application
  application?: string

  @IntegerParameter({
    minimum: 1,
    maximum: 500,
    default: 500,
    description: 'Items per page at most. The response header `Link` has the URL of the next page.',
  })
  limit = 500

  @cursor
  cursor?: string
}

export class RollbackTargetQuery extends AsOfQuery {
  @TextParameter({
    maxLength: 128,
    description: `Application to roll back. Default: \`${defaultApplication}\`, or that of \`deploymentId\`.`,
  })
  application?: string

  @environment('Environment whose active deployment to roll back. Required without `deploymentId`.')
  environment?: string

  @UuidQueryParameter({
    description: 'Deployment to roll back. Default: the active one of `application` and `environment`.',
  })
  deploymentId?: string
}

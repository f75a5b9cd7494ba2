import { TextParameter } from '#libs/http'

/** Filters that restrict a rollback by tag. */
export class RollbackFilter {
  @TextParameter({ maxLength: 128, description: 'Roll back in this application only.', example: 'checkout' })
  application?: string

  @TextParameter({
    maxLength: 64,
    description: 'Roll back in this environment only. Accepts aliases of the pipeline.',
    example: 'prod',
  })
  environment?: string
}

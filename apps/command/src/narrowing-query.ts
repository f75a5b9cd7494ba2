import { TextParameter } from '#libs/http'

/** What narrows a tag to one deployment. */
export class NarrowingQuery {
  @TextParameter({ maxLength: 128, description: 'Only this application.', example: 'checkout' })
  application?: string

  @TextParameter({ maxLength: 64, description: 'Only this environment; aliases resolve.', example: 'prod' })
  environment?: string
}

import { IntegerParameter, TextParameter } from '#libs/http'

/** Page size. */
export const limit = IntegerParameter({
  minimum: 1,
  maximum: 500,
  default: 50,
  description: 'Items per page at most. The response header `Link` has the URL of the next page.',
})
/** Start of a page. */
export const cursor = TextParameter({
  maxLength: 4096,
  description:
    'Start of the page, from the header `Link` of the previous one, with the same filters. Opaque. Default: the first page.',
})
/** Filter by application. */
export const application = TextParameter({
  maxLength: 128,
  description: 'Filter: only this application. Default: all.',
})
/** Name or alias of an environment. */
export const environment = (description: string, required?: { example: string }): PropertyDecorator =>
  TextParameter({
    maxLength: 64,
    description: `${description} A name or an alias; case and surrounding spaces are ignored.`,
    ...(required && { required: true, ...required }),
  })

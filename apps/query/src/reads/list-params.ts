import { IntegerParameter, PairsParameter, TextParameter, TextsParameter } from '#libs/http'

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

/** Maximum numbers of values of the repeatable filters. */
const MOST_APPLICATIONS = 50
const MOST_ENVIRONMENTS = 10
const MOST_LABELS = 10

/** Filter by applications. */
export const applications = TextsParameter({
  maxLength: 128,
  most: MOST_APPLICATIONS,
  description: `Filter: only this application; repeatable, up to ${MOST_APPLICATIONS}: any of them. Default: all.`,
})
/** Names or aliases of environments. */
export const environments = (description: string): PropertyDecorator =>
  TextsParameter({
    maxLength: 64,
    most: MOST_ENVIRONMENTS,
    description: `${description} A name or an alias; case and surrounding spaces are ignored. Repeatable, up to ${MOST_ENVIRONMENTS}: any of them.`,
  })
/** Filter by labels. */
export const labels = (what: string): PropertyDecorator =>
  PairsParameter({
    maxLength: 128 + 1 + 1024,
    most: MOST_LABELS,
    description: `Filter: only ${what} this label, as \`key=value\`; repeatable, up to ${MOST_LABELS}: all of them. Default: all.`,
  })

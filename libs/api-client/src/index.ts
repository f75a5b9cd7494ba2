export { type ApiClient, type ApiClientOptions, ApiProblem, createApiClient, type ProblemDetails } from './client.js'
export { dataOf, items, reflecting } from './responses.js'
export type { components, operations, paths } from './openapi-types.js'

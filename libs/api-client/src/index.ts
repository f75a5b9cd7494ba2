export { type ApiClient, type ApiClientOptions, ApiProblem, createApiClient, type ProblemDetails } from './client.js'
export { confirmed, dataOf, items, NotConfirmed, reflecting } from './responses.js'
export type { components, operations, paths } from './openapi-types.js'

import createClient, { type Client } from 'openapi-fetch'
import type { components, paths } from './openapi-types.js'

export type ProblemDetails = components['schemas']['Problem']
export type ApiClient = Client<paths>

/** A response with an error status. */
export class ApiProblem extends Error {
  override name = 'ApiProblem'

  constructor(
    readonly problem: ProblemDetails,
    readonly response: Response,
  ) {
    super(`${problem.title} (${problem.status}): ${problem.detail}`)
  }
}

export interface ApiClientOptions {
  /** URL of the service, without a path. */
  url: string
  /** Headers of every request, such as `X-Tenant-ID`, `X-User-ID` and `X-User-Email`. */
  headers?: Record<string, string>
  fetch?: typeof globalThis.fetch
}

/** A client of the API: `client.GET(path, {params})`, and so on. Calls throw an ApiProblem where the service responds with a problem. */
export function createApiClient({ url, headers = {}, fetch }: ApiClientOptions): ApiClient {
  const client = createClient<paths>({ baseUrl: url, headers, ...(fetch && { fetch }) })
  client.use({
    async onResponse({ response }) {
      if (!/^application\/problem\+json\b/.test(response.headers.get('Content-Type') ?? '')) return
      throw new ApiProblem((await response.clone().json()) as ProblemDetails, response)
    },
  })
  return client
}

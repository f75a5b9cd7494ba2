import {
  expectProblem,
  type HttpAnswer,
  type HttpClient,
  type HttpRequest,
  type Service,
  startService,
} from '../kit/index.js'
import { isQuiet, longestMs } from './bounds.js'
import { requestOf } from './hostile-case.js'
import { hostileRules } from './rules.js'
import { hostileSchemas } from './schemas.js'

// Expensive checks of a tenant affect this tenant only: it gets a response, and others are served meanwhile.

let service: Service

beforeAll(async () => {
  service = await startService('standalone', { SHIPLOG_SECRETS_KEY: Buffer.alloc(32, 7).toString('base64') })
}, 60_000)
afterAll(() => service?.end())

let tenants = 0

it.each([...hostileSchemas, ...hostileRules].map(one => [one.name, one] as const))(
  'gets an expected status while others are served: %s',
  async (_, { requests }) => {
    const http = service.http.as(`hostile-${++tenants}`)
    let id = ''
    for (const step of requests) {
      const all = Promise.all(Array.from({ length: step.times ?? 1 }, () => send(http, requestOf(step, id))))
      const [answers] = await Promise.all([
        all,
        service.http.as('neighbour').record({ environment: 'dev', imageTag: 'v1' }),
      ])
      for (const answer of answers) {
        expect(step.statuses).toContain(answer.status)
        if (answer.status >= 400) expectProblem(answer, answer.status)
        // Responses are limited in size.
        expect(answer.text.length).toBeLessThan(400_000)
      }
      id = idOf(answers[0]!) ?? id
    }
  },
)

it('the service stays ready and logs no errors', async () => {
  expect((await service.http.get('/readyz')).status).toBe(200)
  expect(service.app.lines.filter(line => /"level":"(error|fatal)"/.test(line))).toEqual([])
})

/** The time of the response is checked on a quiet machine only. */
async function send(http: HttpClient, request: HttpRequest): Promise<HttpAnswer> {
  const since = performance.now()
  const answer = await http.send(request)
  if (isQuiet) expect(performance.now() - since).toBeLessThan(longestMs(request, answer))
  return answer
}

function idOf({ status, json }: HttpAnswer): string | undefined {
  return status < 300 ? (json as { id?: string } | undefined)?.id : undefined
}

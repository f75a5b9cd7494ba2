import { expectProblem, type HttpAnswer, type Service, startService, until, Written } from '../kit/index.js'
import { longestMs } from './bounds.js'
import { edgeBytes, edgeRequests, type HostileBytes, stalledBytes } from './edge.js'
import { hostileFiles } from './files.js'

// An invalid request is rejected with a problem that names the location of the error, and changes nothing.

let service: Service
let written: Written
let before: Awaited<ReturnType<Written['look']>>

beforeAll(async () => {
  service = await startService('standalone', {
    SHIPLOG_REQUEST_TIMEOUT_MS: '2000',
    SHIPLOG_IMPORT_IDLE_TIMEOUT_MS: '2000',
  })
  const first = await service.http.record({ environment: 'dev', imageTag: 'v1' })
  await service.http.after(first).get('/api/v1/platform/deployments/history')
  written = await Written.watch(service)
  before = await written.look()
}, 60_000)
afterAll(async () => {
  await written?.end()
  await service?.end()
})

const requests = [...edgeRequests, ...hostileFiles]

it.each(requests.map(one => [one.name, one] as const))(
  'gets the expected status and problem: %s',
  async (_, { request, status, place, detail }) => {
    const since = performance.now()
    const answer = await service.http.send(request)
    expect(performance.now() - since).toBeLessThan(longestMs(request, answer))
    if (status < 400) expect(answer.status).toBe(status)
    else if (request.method === 'HEAD') expect([answer.status, answer.text]).toEqual([status, ''])
    else expectProblem(answer, status, place)
    if (detail !== undefined) expect(answer.json.errors[0].detail).toContain(detail)
    expect(answer.text.length).toBeLessThan(50_000)
  },
)

it.each([...edgeBytes, ...stalledBytes].map(one => [one.name, one] as const))(
  'gets the expected status as bytes: %s',
  async (_, hostile) => {
    expectAnswer(await hostile.send(service.app.url), hostile)
  },
)

function expectAnswer(answer: HttpAnswer, { status }: HostileBytes): void {
  if (status === 0) expect([answer.status, answer.text]).toEqual([Number.NaN, ''])
  else if (status < 400) expect(answer.status).toBe(status)
  else expectProblem(answer, status)
}

it('only the accepted requests are written, and the service stays ready and logs no errors', async () => {
  const taken = requests.filter(({ status }) => status === 201).length
  const events = (log: Record<number, number>) => Object.values(log).reduce((sum, end) => sum + end, 0)
  // An event and a marker of its transaction.
  await until(async () => events((await written.look()).log) >= events(before.log) + 2 * taken, 'all that was taken')
  expect(events((await written.look()).log)).toBe(events(before.log) + 2 * taken)
  expect((await service.http.get('/readyz')).status).toBe(200)
  expect(service.app.lines.filter(line => /"level":"(error|fatal)"/.test(line))).toEqual([])
})

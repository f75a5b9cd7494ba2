import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expectProblem, type HttpAnswer, type HttpRequest, type Service, startService } from '../kit/index.js'
import { isQuiet, longestMs } from './bounds.js'
import { edgeRequests } from './edge.js'
import { hostileFiles } from './files.js'
import { requestOf } from './hostile-case.js'
import { mutationOf } from './mutation.js'
import { Neighbour, quantile, type Seen } from './neighbour.js'
import { hostileRules } from './rules.js'
import { hostileSchemas } from './schemas.js'
import { draft } from './steps.js'

// For any request, the process keeps running, responds in time, limits its memory, and serves other tenants.

const MUTATIONS = 2000
const AT_ONCE = 4
const tenant = 'mutant'
const MOST_MEGABYTES = 200

/** @param id of a promotion */
const originals = (id: string) => [
  ...[...hostileFiles, ...edgeRequests].map(({ request }) => request),
  ...[...hostileSchemas, ...hostileRules].flatMap(({ requests }) => requests.map(step => requestOf(step, id))),
]

interface Answered {
  request: HttpRequest
  answer: HttpAnswer
  tookMs: number
}

let service: Service
let seen: Seen
let answers: Answered[]
let megabytes: { before: number; after: number }

beforeAll(async () => {
  service = await startService('standalone', { SHIPLOG_SECRETS_KEY: Buffer.alloc(32, 7).toString('base64') })
  const { json: promotion } = await service.http.as(tenant).send(requestOf(draft(), ''))
  const mutations = mutationOf(originals(promotion.id))
  const neighbour = Neighbour.start(service.app.url)
  await sendAll(fc.sample(mutations, { numRuns: 200, seed: 1 }))
  const before = residentMegabytes()
  answers = await sendAll(fc.sample(mutations, { numRuns: MUTATIONS, seed: 2 }))
  megabytes = { before, after: residentMegabytes() }
  seen = await neighbour.end()
}, 300_000)
afterAll(() => service?.end())

it('responds to each of 2,000 mutations in time, with success or a valid problem', () => {
  const slow = answers.filter(({ request, answer, tookMs }) => tookMs > longestMs(request, answer))
  expect(slow.map(({ request, tookMs }) => [request.path, tookMs])).toEqual([])
  for (const { request, answer } of answers) {
    if (answer.status >= 500 && answer.status !== 503)
      throw new Error(`${JSON.stringify(request).slice(0, 1000)}: ${answer.text}`)
    if (answer.status >= 400 && request.method !== 'HEAD') expectProblem(answer, answer.status)
  }
})

it('serves another tenant at the same time', () => {
  expect([...new Set(seen.failures)]).toEqual([])
  const { posts, reads, probes } = seen
  expect(Math.min(posts.length, reads.length, probes.length)).toBeGreaterThan(20)
  if (!isQuiet) return
  process.stderr.write(figures())
  expect(quantile(posts, 0.99)).toBeLessThan(500)
  expect(quantile(probes, 1)).toBeLessThan(100)
})

it('uses at most 200 MB more memory, stays ready, and logs no errors', async () => {
  expect(megabytes.after - megabytes.before).toBeLessThanOrEqual(MOST_MEGABYTES)
  expect((await service.http.get('/readyz')).status).toBe(200)
  expect(service.app.lines.filter(line => /"level":"(error|fatal)"/.test(line))).toEqual([])
})

function figures(): string {
  const { posts, reads, probes } = seen
  const formatted = (times: number[]) => {
    const [middle, high, most] = [0.5, 0.99, 1].map(part => quantile(times, part).toFixed(0))
    return `${times.length}, p50 ${middle}, p99 ${high}, worst ${most} ms`
  }
  const statuses = [...new Set(answers.map(({ answer }) => answer.status))].toSorted((a, b) => a - b)
  const counts = statuses.map(
    status => `${answers.filter(({ answer }) => answer.status === status).length} x ${status}`,
  )
  const lines = [
    `the neighbour's POST: ${formatted(posts)}`,
    `its reads: ${formatted(reads)}`,
    `/healthz: ${formatted(probes)}`,
    `resident memory: ${megabytes.before} MB, then ${megabytes.after} MB`,
    `answers: slowest ${Math.max(...answers.map(({ tookMs }) => tookMs)).toFixed(0)} ms; ${counts.join(', ')}`,
  ]
  return lines.map(line => `  ${line}\n`).join('')
}

async function sendAll(requests: HttpRequest[]): Promise<Answered[]> {
  const found: Answered[] = []
  const waiting = [...requests]
  const http = service.http.as(tenant)
  const client = async () => {
    for (let request = waiting.pop(); request; request = waiting.pop()) {
      const since = performance.now()
      const answer = await http.send(request)
      found.push({ request, answer, tookMs: performance.now() - since })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, client))
  return found
}

// proc_pid_status(5), in KiB; not everywhere.
function residentMegabytes(): number {
  try {
    const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${service.app.pid}/status`, 'utf8')) ?? []
    return Math.round((Number(kib) * 1024) / 1e6)
  } catch {
    return 0
  }
}

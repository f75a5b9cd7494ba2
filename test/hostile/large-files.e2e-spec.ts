import { type HttpAnswer, runs, type Service, startService } from '../kit/index.js'
import { isQuiet } from './bounds.js'
import { Neighbour, quantile, type Seen } from './neighbour.js'

// Configuration files at their limits are read while others are served.

/** As many are sent at once, each by a tenant of its own: more than there are threads. */
const FILES = isQuiet ? 10 : runs(10)
const lines = (count: number, line: (n: number) => string) => Array.from({ length: count }, (_, n) => line(n)).join('')

const files: [name: string, mediaType: string, text: string][] = [
  ['YAML, a list of 199,000 numbers', 'application/yaml', `a: [${'1,'.repeat(199_000)}]`],
  ['YAML, a list of 199,000 lines', 'application/yaml', `a:\n${'- b\n'.repeat(199_000)}`],
  ['YAML, a map of 80,000 names', 'application/yaml', `a:\n${lines(80_000, n => ` k${n}: 1\n`)}`],
  ['YAML, 10,000 keys', 'application/yaml', lines(10_000, n => `k${n}: ${'x'.repeat(80)}\n`)],
  ['JSON, a list of 199,000 texts', 'application/json', JSON.stringify({ a: Array(199_000).fill('x'.repeat(10)) })],
  ['.properties, 10,000 keys of escapes', 'text/plain', lines(10_000, n => `k${n}=${'\\u0041'.repeat(60)}\n`)],
]

let service: Service

beforeAll(async () => {
  service = await startService('standalone', { SHIPLOG_SECRETS_KEY: Buffer.alloc(32, 7).toString('base64') })
}, 60_000)
afterAll(() => service?.end())

describe.each(files)('%s', (name, mediaType, text) => {
  let answers: HttpAnswer[]
  let seen: Seen

  beforeAll(async () => {
    const neighbour = Neighbour.start(service.app.url)
    answers = await Promise.all(
      Array.from({ length: FILES }, (_, n) =>
        service.http.as(`tenant-${n}`).send({
          method: 'PUT',
          path: '/api/v1/config/environments/dev/configurations',
          headers: { 'Content-Type': mediaType },
          body: text,
        }),
      ),
    )
    seen = await neighbour.end()
    if (isQuiet) {
      const [probe, post] = [seen.probes, seen.posts].map(times => quantile(times, 1).toFixed(0))
      process.stderr.write(`${FILES} x ${name}: worst /healthz ${probe} ms, worst POST of another tenant ${post} ms\n`)
    }
  })

  // On a busy machine an event may be confirmed after the response, and the last files may wait too long.
  it('is stored, or refused for a while', () => {
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter(status => ![200, 202, 429].includes(status))).toEqual([])
    expect(statuses).toContain(200)
    if (isQuiet) expect(statuses).toEqual(Array(FILES).fill(200))
  })

  it('does not keep other requests waiting', () => {
    expect(seen.failures).toEqual([])
    if (isQuiet) expect(quantile(seen.probes, 1)).toBeLessThan(100)
  })
})

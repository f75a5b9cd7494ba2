import { describeConfigurations, plainDiff, realConfiguration, type Snapshot } from './configuration.js'
import { type HttpAnswer, type HttpClient, type Service, startService } from '../kit/index.js'

// The real configuration of three environments, put over HTTP into one process, promoted and rolled back.

const config = '/api/v1/config'

describeConfigurations('the real configuration', () => {
  let service: Service
  let people: HttpClient[]

  beforeAll(async () => {
    service = await startService('standalone')
  })
  afterAll(() => service?.end())

  async function tenant(name: string): Promise<HttpClient> {
    const [ann, bob] = ['ann', 'bob'].map(person => service.http.as(name).with({ 'X-User-ID': person }))
    people = [ann!, bob!]
    const environments = [{ name: 'integration' }, { name: 'staging' }, { name: 'production', approvals: 1 }]
    await put(ann!, 'pipeline', { environments })
    return ann!
  }

  async function put(http: HttpClient, path: string, body: unknown): Promise<HttpAnswer> {
    const headers = { 'Content-Type': 'application/json' }
    const answer = await http.send({ method: 'PUT', path: `${config}/${path}`, headers, body: JSON.stringify(body) })
    if (answer.status >= 300) throw new Error(`PUT ${path}: ${answer.status} ${answer.text}`)
    return answer
  }

  /** Puts each environment as a whole; the answers. */
  async function putAll(http: HttpClient, { environments }: Snapshot): Promise<HttpAnswer[]> {
    const answers: HttpAnswer[] = []
    for (const [name, values] of Object.entries(environments)) {
      answers.push(await put(http, `environments/${name}/configurations`, values))
    }
    return answers
  }

  async function done(http: HttpClient, path: string, body: object = {}): Promise<HttpAnswer> {
    const answer = await http.post(`${config}/promotions${path}`, body)
    if (answer.status >= 300) throw new Error(`POST ${path}: ${answer.status} ${answer.text}`)
    return answer
  }

  const diff = async (http: HttpClient, more = '') =>
    (await http.get(`${config}/promotions/diff?source=staging&target=production${more}`)).json
  const exported = async (http: HttpClient, more = '') =>
    (await http.get(`${config}/environments/production/configurations?export=true${more}`)).text

  test('has the diff between staging and production that a recomputation gives', async () => {
    const http = await tenant('figures')
    const snapshot = realConfiguration('2025-06-30')
    const answer = await diff(http.after(...(await putAll(http, snapshot))))
    const { added, removed, modified, unchanged } = answer
    expect([added.length, removed.length, modified.length, unchanged]).toEqual([36, 48, 188, 1869])
    expect(answer).toMatchObject(plainDiff(snapshot.environments.staging, snapshot.environments.production))
  })

  test('is promoted as a whole, and restored byte for byte by the rollback', async () => {
    const http = await tenant('promoted')
    const written = http.after(...(await putAll(http, realConfiguration('2025-06-30'))))
    const [before, changed] = [await exported(written), await diff(written)]
    const request = { sourceEnvironment: 'staging', targetEnvironment: 'production', promotionType: 'FULL' }
    const id = (await done(http, '', request)).json.id as string
    await done(http, `/${id}/validate`)
    await done(people[1]!, `/${id}/approve`)
    const executed = await done(http, `/${id}/execute`)
    expect(executed.json.state).toBe('EXECUTED')
    expect(await diff(http.after(executed))).toMatchObject({ added: [], modified: [], removed: changed.removed })
    const back = await done(http, `/${id}/rollback`)
    expect(await exported(http.after(back))).toBe(before)
    expect(await diff(http.after(back))).toEqual(changed)
    const { json: trail } = await http.after(back).get(`${config}/promotions/${id}/events`)
    expect(trail.map(({ type }: { type: string }) => type.split('.').at(-2))).toEqual([
      'created',
      'validated',
      'approved',
      'executed',
      'rolledback',
    ])
    expect(trail[3].data.changes).toHaveLength(36 + 188)
  })

  test('replaces that of the year before, which asOf still returns', async () => {
    const http = await tenant('years')
    const [old, recent] = [realConfiguration('2024-06-30'), realConfiguration('2025-06-30')]
    const first = await putAll(http, old)
    const { json: drift } = await http
      .after(...first)
      .get(`${config}/promotions/drift?source=staging&target=production`)
    const between = drift.asOf as string
    const later = http.after(...(await putAll(http, recent)))
    for (const [{ environments }, more] of [
      [old, `&asOf=${between}`],
      [recent, ''],
    ] as const) {
      expect(await diff(later, more)).toMatchObject(plainDiff(environments.staging, environments.production))
      expect(JSON.parse(await exported(later, more))).toEqual(environments.production)
    }
  })
})

import { type HttpAnswer, type HttpClient, type Service, startService, until } from '../kit/index.js'

// The requests and answers of source document 004, as they are written there.

const promotions = '/api/v1/config/promotions'
const diffPath = `${promotions}/diff?source=staging&target=production`
const author = {
  Authorization: 'Bearer token',
  'X-User-ID': '550e8400-e29b-41d4-a716-446655440001',
  'X-User-Email': 'dev@acme.com',
}
/** The body of the source's curl: its ids are shortened there. */
const body = {
  sourceEnvironment: 'staging',
  targetEnvironment: 'production',
  promotionType: 'SELECTIVE',
  configIds: ['770e8400-...'],
  flagIds: ['880e8400-...'],
  keyPatterns: ['query.*'],
  notes: 'Promoting query timeout changes verified in staging',
}
const same = Object.fromEntries(Array.from({ length: 35 }, (_, n) => [`same.${n}`, n]))
const diff = {
  sourceEnvironment: 'staging',
  targetEnvironment: 'production',
  added: [{ key: 'ai.new-model', value: 'gpt-4-turbo' }],
  modified: [{ key: 'query.timeout', sourceValue: '180s', targetValue: '120s' }],
  removed: [],
  unchanged: 35,
}
const noFlags = { added: [], modified: [], removed: [], unchanged: 0 }

let service: Service
let tenants = 0

beforeAll(async () => {
  service = await startService('standalone')
}, 60_000)
afterAll(() => service?.end())

/** A tenant whose staging and production differ as in the source. */
async function givenTheDifference() {
  const http = service.http.as(`tenant-${++tenants}`).with(author)
  await patch(http, 'production', { ...same, 'query.timeout': '120s' })
  return http.after(await patch(http, 'staging', { ...same, 'query.timeout': '180s', 'ai.new-model': 'gpt-4-turbo' }))
}

function patch(http: HttpClient, environment: string, set: object): Promise<HttpAnswer> {
  const path = `/api/v1/config/environments/${environment}/configurations`
  return send(http, 'PATCH', path, { set })
}

async function send(http: HttpClient, method: string, path: string, content: object): Promise<HttpAnswer> {
  const headers = { 'Content-Type': 'application/json' }
  const answer = await http.send({ method, path, headers, body: JSON.stringify(content) })
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`)
  return answer
}

const noSelection = { configIds: undefined, flagIds: undefined, keyPatterns: undefined }

/** An action of the lifecycle, with no body, as the source has them. */
const act = (http: HttpClient, id: string, action: string) =>
  http.send({ method: 'POST', path: `${promotions}/${id}/${action}` })

/** Another person than the author, with another email address. */
const as = (http: HttpClient, person: string) =>
  http.with({ 'X-User-ID': person, 'X-User-Email': `${person}@acme.com` })

async function approved(http: HttpClient, draft: object): Promise<string> {
  const { json } = await send(http, 'POST', promotions, draft)
  expect((await act(http, json.id, 'validate')).json).toMatchObject({ state: 'VALIDATED', findings: [], quorum: 2 })
  for (const person of ['ana', 'ben']) await act(as(http, person), json.id, 'approve')
  return json.id
}

async function valueOf(http: HttpClient, environment: string, key: string): Promise<unknown> {
  const { json } = await http.get(`/api/v1/config/environments/${environment}/configurations/${key}`)
  return json.value
}

describe('source 004, "Create a Promotion"', () => {
  it('the literal request drafts a promotion, and its validation reports the shortened ids', async () => {
    const http = await givenTheDifference()

    const created = await http.post(promotions, body)

    expect([created.status, created.headers['location']]).toEqual([201, `${promotions}/${created.json.id}`])
    expect(created.json).toMatchObject({ ...body, state: 'DRAFT', allowedActions: ['validate', 'cancel'] })
    expect(created.json.createdBy).toEqual({ userId: author['X-User-ID'], userEmail: author['X-User-Email'] })
    expect((await http.after(created).get(`${promotions}/${created.json.id}`)).json).toEqual(created.json)
    const validated = await act(http, created.json.id, 'validate')
    expect([validated.status, validated.json.state]).toEqual([200, 'VALIDATION_FAILED'])
    expect(validated.json.findings).toEqual([
      { severity: 'error', key: '770e8400-...', detail: expect.stringMatching(/^the configuration .* does not exist/) },
      { severity: 'error', key: '880e8400-...', detail: expect.stringMatching(/^the flag .* does not exist/) },
    ])
  })
})

describe('"Environment Diff"', () => {
  it('the literal request returns the documented response, and flags in addition', async () => {
    const http = await givenTheDifference()
    const { status, json } = await http.get(diffPath)
    expect([status, json]).toEqual([200, { ...diff, flags: noFlags }])
  })
})

describe('"Promotion Lifecycle"', () => {
  it('a promotion by configuration ids, flag ids and patterns is validated, approved, executed and rolled back', async () => {
    const http = await givenTheDifference()
    const flag = await send(http, 'PUT', '/api/v1/config/environments/staging/flags/new-search', { enabled: true })
    const model = await http.get('/api/v1/config/environments/staging/configurations/ai.new-model')
    const id = await approved(http, { ...body, configIds: [model.json.id], flagIds: [flag.json.id] })
    const earlier = http.after(flag)

    const executed = await act(http, id, 'execute')

    expect([executed.status, executed.json.state]).toEqual([200, 'EXECUTED'])
    const then = earlier.after(executed)
    expect((await then.get(`${promotions}/${id}`)).json).toEqual(executed.json)
    const promoted = { ...diff, added: [], modified: [], unchanged: 37, flags: { ...noFlags, unchanged: 1 } }
    expect((await then.get(diffPath)).json).toEqual(promoted)
    expect(await valueOf(then, 'production', 'query.timeout')).toBe('180s')

    const rolledBack = await act(http, id, 'rollback')

    expect([rolledBack.status, rolledBack.json.state]).toEqual([200, 'ROLLED_BACK'])
    const last = http.after(rolledBack)
    const flags = { ...noFlags, added: [{ key: 'new-search', value: { enabled: true } }] }
    expect((await last.get(diffPath)).json).toEqual({ ...diff, flags })
    const { json: changes } = await last.get(
      '/api/v1/config/environments/production/configurations/query.timeout/history',
    )
    expect(changes).toMatchObject([
      { value: '120s', cause: { promotionId: id, action: 'rolledback' } },
      { value: '180s', cause: { promotionId: id, action: 'executed' } },
      { value: '120s' },
    ])
    const { json: events } = await last.get(`${promotions}/${id}/events`)
    expect(events.map(({ type }: { type: string }) => type)).toEqual(
      ['created', 'validated', 'approved', 'approved', 'executed', 'rolledback'].map(
        happened => `io.shiplog.promotion.${happened}.v1`,
      ),
    )
  })

  it('a scheduled promotion is executed automatically', async () => {
    const http = await givenTheDifference()
    const id = await approved(http, { ...body, promotionType: 'PATTERN', configIds: undefined, flagIds: undefined })
    const at = new Date(Date.now() + 500).toISOString()
    const scheduled = await send(http, 'POST', `${promotions}/${id}/schedule`, { at })
    expect(scheduled.json).toMatchObject({ state: 'SCHEDULED', allowedActions: ['schedule', 'cancel'] })
    await until(
      async () => (await http.get(`${promotions}/${id}`)).json.state === 'EXECUTED',
      'the promotion to execute itself',
      { within: 30_000 },
    )
    expect(await valueOf(http, 'production', 'query.timeout')).toBe('180s')
  })

  it('an approval with the ETag or contentHash of an earlier validation returns 412 or 409', async () => {
    const http = await givenTheDifference()
    const { json } = await send(http, 'POST', promotions, { ...body, promotionType: 'FULL', ...noSelection })
    const path = `${promotions}/${json.id}`
    const read = async (after: HttpAnswer) => http.after(after).get(path)
    const earlier = await read(await act(http, json.id, 'validate'))
    const changed = await patch(http, 'staging', { 'query.timeout': '240s' })
    const now = await read(await act(http.after(changed), json.id, 'validate'))
    const approve = (person: string, presented: HttpAnswer, content: object) =>
      as(http, person).post(`${path}/approve`, content, { 'If-Match': String(presented.headers['etag']) })
    expect((await approve('ana', earlier, {})).status).toBe(412)
    const { contentHash } = earlier.json
    expect((await as(http, 'ana').post(`${path}/approve`, { contentHash })).status).toBe(409)
    const approved = await approve('ana', now, { contentHash: now.json.contentHash })
    expect([approved.status, approved.json.approvals]).toMatchObject([200, [{ userId: 'ana' }]])
    // Somebody approved meanwhile: ben reads again.
    expect((await approve('ben', now, {})).status).toBe(412)
    expect((await approve('ben', await read(approved), {})).json.state).toBe('APPROVED')
  })

  it('DELETE cancels a promotion', async () => {
    const http = await givenTheDifference()
    const id = await approved(http, { ...body, promotionType: 'FULL', ...noSelection })
    const cancelled = await http.send({ method: 'DELETE', path: `${promotions}/${id}` })
    expect([cancelled.status, cancelled.json.state]).toEqual([200, 'CANCELLED'])
    const { json } = await http.after(cancelled).get(`${promotions}?state=CANCELLED&source=staging&target=production`)
    expect(json).toEqual([cancelled.json])
    expect((await act(http, id, 'execute')).status).toBe(409)
  })
})

describe('"Promotion Pipeline": dev -> staging -> production, and rollback from each', () => {
  it('FULL promotes all configurations of the source, from one environment to the next', async () => {
    const http = service.http.as(`tenant-${++tenants}`).with(author)
    await patch(http, 'dev', { 'query.timeout': '180s' })
    const draft = (sourceEnvironment: string, targetEnvironment: string) =>
      send(http, 'POST', promotions, { sourceEnvironment, targetEnvironment, promotionType: 'FULL' })
    const skipping = await draft('dev', 'production')
    expect((await act(http, skipping.json.id, 'validate')).json.findings).toEqual([
      { severity: 'error', detail: expect.stringContaining('dev -> production skips staging') },
    ])
    const { json: toStaging } = await draft('dev', 'staging')
    await act(http, toStaging.id, 'validate')
    await act(as(http, 'ana'), toStaging.id, 'approve')
    const executed = await act(http, toStaging.id, 'execute')
    const toProduction = await approved(http, {
      ...body,
      promotionType: 'FULL',
      ...noSelection,
    })
    const last = await act(http, toProduction, 'execute')
    expect([executed.json.state, last.json.state]).toEqual(['EXECUTED', 'EXECUTED'])
    expect(await valueOf(http.after(last), 'production', 'query.timeout')).toBe('180s')

    const rolledBack = [await act(http, toProduction, 'rollback'), await act(http, toStaging.id, 'rollback')]

    expect(rolledBack.map(({ json }) => json.state)).toEqual(['ROLLED_BACK', 'ROLLED_BACK'])
    const reading = http.after(...rolledBack)
    for (const environment of ['staging', 'production']) {
      expect((await reading.get(`/api/v1/config/environments/${environment}/configurations`)).json).toEqual([])
    }
  })
})

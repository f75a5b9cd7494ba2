import { randomUUID } from 'node:crypto'
import { type Json, type PipelineCommand, type PipelineEvent, parsePositions } from '#libs/contracts'
import {
  configuration,
  type Configuration,
  contentOf,
  pipeline,
  type PipelineSettings,
  pipelineStream,
} from '#libs/domain'
import { type CommandRequest, Ledger } from '#libs/ledger'
import * as stack from '#test/kit'
import { startCommandApp, type TestAnswer, type TestClient, type TestCommandApp } from '#test/kit/apps/command-app'
import { author, full, pattern, promotions, set } from '#test/specs/command/promotions'

let app: TestCommandApp

beforeAll(async () => (app = await startCommandApp(stack)))
afterAll(() => app.close())

/** References that double at each of 40 levels. */
const chain = Array.from({ length: 40 }, (_, n) => {
  const next = { $ref: `#/$defs/a${n + 1}` }
  return [`a${n}`, { allOf: [next, next] }]
})
const exponential = { $ref: '#/$defs/a0', $defs: { ...Object.fromEntries(chain), a40: { type: 'string' } } }

const schemaPath = (glob: string) => `/config/schemas/${encodeURIComponent(glob)}`
const putSchema = (send: TestClient, glob: string, schema: unknown) => send('PUT', schemaPath(glob), schema)

async function draft(send: TestClient, request: object = full): Promise<string> {
  return `${promotions}/${(await send('POST', promotions, request, author)).json['id']}/validate`
}

const validated = (send: TestClient, path: string) => send('POST', path, {}, author)

/** Tracks whether the response has arrived. */
function watch(answer: Promise<TestAnswer>): { answered: boolean } {
  const watched = { answered: false }
  void answer.finally(() => (watched.answered = true))
  return watched
}

/** The only position that a response names. */
function positionOf({ headers }: TestAnswer): [partition: number, seq: number] {
  const [position, ...others] = parsePositions(headers.get('shiplog-position') ?? '') ?? []
  expect([position, others]).toEqual([[expect.any(Number), expect.any(Number)], []])
  return position!
}
const partitionOf = (answer: TestAnswer) => positionOf(answer)[0]
const seqOf = (answer: TestAnswer) => positionOf(answer)[1]

/** Appends a schema without the present checks, as an earlier version could. */
async function putUnchecked(tenant: string, keyPattern: string, schema: Json): Promise<void> {
  const command = { type: 'ChangeKeySchema', now: '2026-02-12T12:00:00Z', keyPattern, schema } as const
  const request: CommandRequest<PipelineSettings, PipelineCommand, PipelineEvent> = {
    decider: pipeline,
    target: { streamId: pipelineStream(tenant), command },
    context: { tenant, correlationId: 'test' },
    bodyHash: randomUUID(),
  }
  expect((await app.app.get(Ledger).execute(request)).kind).toBe('appended')
}

describe('PUT /config/schemas', () => {
  it.each<[string, unknown, string]>([
    ['that is asynchronous', { $async: true, type: 'number' }, '/$async'],
    ['with an asynchronous property', { properties: { a: { $async: true } } }, '/properties/a/$async'],
    ['with an external reference', { $ref: 'https://acme.example/a.json' }, '/$ref'],
    ['with an unknown type', { type: 'nonsense' }, '/type'],
    ['with an invalid pattern', { pattern: '(' }, '/pattern'],
    ['with a lookahead in a pattern', { patternProperties: { '^(?=a)': {} } }, '/patternProperties/^(?=a)'],
  ])('rejects a schema %s, and changes nothing', async (_, schema, pointer) => {
    const send = app.client()
    const { status, json, headers } = await putSchema(send, '*', schema)
    expect([status, headers.get('content-type')]).toEqual([400, expect.stringMatching(/^application\/problem\+json/)])
    expect(json['errors']).toEqual([{ pointer, detail: expect.any(String) }])
    await set(send, 'staging', { k: 1 })
    expect((await validated(send, await draft(send))).json).toMatchObject({ state: 'VALIDATED', findings: [] })
  })

  it('rejects a schema of more than 64 KiB with 413', async () => {
    const { status, json } = await putSchema(app.client(), '*', { $comment: 'x'.repeat(64 * 1024) })
    expect([status, json['detail']]).toEqual([413, expect.stringMatching(/the limit is 65536/)])
  })

  it('reports an invalid schema that the log has from earlier as a finding, until it is deleted', async () => {
    const tenant = randomUUID()
    const send = app.client({ 'X-Tenant-ID': tenant })
    await putUnchecked(tenant, '*', { $async: true, type: 'number' })
    await set(send, 'staging', { k: 1 })
    const { status, json } = await validated(send, await draft(send))
    expect([status, json['state']]).toEqual([200, 'VALIDATION_FAILED'])
    expect(json['findings']).toEqual([
      { severity: 'error', detail: expect.stringMatching(/schema of \* is invalid .*: `\/\$async` is not a keyword/) },
    ])
    expect((await send('DELETE', schemaPath('*'))).status).toBe(204)
    expect((await validated(send, await draft(send))).json['state']).toBe('VALIDATED')
  })

  it('accepts 20 concurrent schemas, each at its own position', async () => {
    const send = app.client()
    const schema = (n: number) => ({ $comment: `${n}`, properties: { [`p${n}`]: { pattern: `^a{${n + 1}}$` } } })
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => putSchema(send, `k${n}`, schema(n))))
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
    expect(new Set(answers.map(({ headers }) => headers.get('shiplog-position'))).size).toBe(20)
  })
})

describe('a validation that takes too long', () => {
  it('ends with a finding that names the schema, and does not block other requests', async () => {
    const [slow, other] = [app.client(), app.client()]
    expect((await putSchema(slow, 'a*', { type: 'string' })).status).toBe(200)
    expect((await putSchema(slow, 'k*', exponential)).status).toBe(200)
    await set(slow, 'staging', { k: 'x' })
    const path = await draft(slow)
    await set(other, 'staging', { k: 'x' })
    const theirs = await draft(other)

    /** Writes while the check runs. */
    const during = async (value: number) => {
      const pending = validated(slow, path)
      const watched = watch(pending)
      const posted = await other('POST', '/platform/deployments', { environment: 'dev', imageTag: `v${value}` })
      const changed = await set(slow, 'dev', { k: value })
      const checked = await validated(other, theirs)
      return { pending, posted, changed, checked, first: !watched.answered }
    }
    let writes = await during(1)
    // The check ends after a time. A machine that was busy meanwhile gets another chance; a service that blocks never uses one.
    for (let value = 2; !writes.first && value <= 5; value++) {
      await writes.pending
      writes = await during(value)
    }
    const { pending, posted, changed, checked, first } = writes
    expect(first).toBe(true)
    expect([posted.status, changed.status, checked.status]).toEqual([201, 200, 200])
    expect(checked.json['state']).toBe('VALIDATED')
    for (const { headers, json } of [posted, checked]) expect(headers.get('shiplog-position')).toBe(json['position'])

    const ended = await pending
    const { status, json } = ended
    expect([status, json['state']]).toEqual([200, 'VALIDATION_FAILED'])
    // The other write of its tenant precedes it in the log.
    expect(partitionOf(changed)).toBe(partitionOf(ended))
    expect(seqOf(changed)).toBeLessThan(seqOf(ended))
    expect(json['findings']).toEqual([
      { severity: 'error', detail: expect.stringMatching(/takes too long; the check stopped at the schema of k\*/) },
    ])
    // Without the schema the same promotion is validated.
    expect((await slow('DELETE', schemaPath('k*'))).status).toBe(204)
    expect((await validated(slow, path)).json['state']).toBe('VALIDATED')
  })

  it('makes further validations of its tenant return 429 with Retry-After', async () => {
    const send = app.client()
    await putSchema(send, '*', exponential)
    await set(send, 'staging', { k: 'x' })
    const paths = await Promise.all(Array.from({ length: 4 }, () => draft(send)))
    const answers = await Promise.all(paths.map(path => validated(send, path)))
    const busy = answers.filter(({ status }) => status === 429)
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0)
    expect(busy.length).toBeGreaterThan(0)
    for (const { headers, json } of busy) {
      expect([headers.get('retry-after'), json['detail']]).toEqual(['2', expect.stringMatching(/Retry later/)])
    }
  })

  it('is not caused by backtracking patterns or globs', async () => {
    const send = app.client()
    for (let n = 0; n < 8; n++) await putSchema(send, `k*${'*'.repeat(n)}`, { pattern: '^(a+)+$' })
    const values = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`k${n}`, `${'a'.repeat(200)}!`]))
    await set(send, 'staging', values)
    const globs = Array.from({ length: 100 }, (_, n) => `${'*a'.repeat(100)}*${n}`)
    const { json } = await validated(send, await draft(send, pattern(...globs, 'k*')))
    expect(json['findings'].filter(({ severity }: { severity: string }) => severity === 'error')).toHaveLength(400)
    expect(json['findings'].filter(({ severity }: { severity: string }) => severity === 'warning')).toHaveLength(100)
  })
})

describe('findings', () => {
  it('are limited in number and length', async () => {
    const send = app.client()
    const words = Array.from({ length: 400 }, (_, n) => `allowed ${n}`)
    expect((await putSchema(send, '*', { enum: words })).status).toBe(200)
    await set(send, 'staging', Object.fromEntries(Array.from({ length: 1500 }, (_, n) => [`k${n}`, 'x'.repeat(500)])))
    const { json } = await validated(send, await draft(send))
    expect(json['state']).toBe('VALIDATION_FAILED')
    const findings = json['findings'] as { severity: string; key?: string; detail: string }[]
    expect(JSON.stringify(findings).length).toBeLessThan(300_000)
    expect(findings.at(-1)).toEqual({
      severity: 'error',
      detail: expect.stringMatching(/^\d+ more findings are omitted$/),
    })
    for (const { detail } of findings) expect(detail.length).toBeLessThan(300)
  })
})

describe('ValidatePromotion', () => {
  it('covers the source as of its position in the log while others write', async () => {
    const tenant = randomUUID()
    const send = app.client({ 'X-Tenant-ID': tenant })
    await putSchema(send, '*', { type: 'number' })
    const written: [seq: number, value: number][] = [[seqOf(await set(send, 'staging', { k: 0 })), 0]]
    const paths = await Promise.all(Array.from({ length: 10 }, () => draft(send)))
    const done = new AbortController()
    const writes = (async () => {
      for (let value = 1; !done.signal.aborted; value++)
        written.push([seqOf(await set(send, 'staging', { k: value })), value])
    })()
    const answers: TestAnswer[] = []
    for (const path of paths) answers.push(await validated(send, path))
    done.abort()
    await writes
    for (const answer of answers) {
      // A 409 because of a faster writer is allowed; each successful validation must be right.
      if (answer.status === 409) continue
      const [, configurationOf] = written.findLast(([at]) => at < seqOf(answer))!
      expect(answer.json['contentHash']).toBe(hashOf(tenant, configurationOf))
    }
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0)
    expect(written.length).toBeGreaterThan(10)
  })

  /** The hash of a content whose source holds one key. */
  function hashOf(tenant: string, value: number): string {
    const source: Configuration = {
      ...configuration.initial,
      revision: 1,
      keys: { configuration: { k: { entry: { value }, revision: 1, changedAt: '' } }, flag: {} },
    }
    const context = { tenant, source, target: configuration.initial, settings: pipeline.initial }
    return contentOf(full as Parameters<typeof contentOf>[0], context, { keys: [], unmatched: [] }).contentHash
  }

  it('returns the first response for a repeated Idempotency-Key', async () => {
    const send = app.client()
    await set(send, 'staging', { k: 1 })
    const path = await draft(send)
    const key = { ...author, 'Idempotency-Key': 'once' }
    const first = await send('POST', path, {}, key)
    await set(send, 'staging', { k: 2 })
    const again = await send('POST', path, {}, key)
    expect([again.status, again.json]).toEqual([200, first.json])
  })

  it('returns 404 for an unknown promotion, and 409 for a cancelled one', async () => {
    const send = app.client()
    expect((await validated(send, `${promotions}/${randomUUID()}/validate`)).status).toBe(404)
    const path = await draft(send)
    await send('DELETE', path.replace('/validate', ''))
    expect((await validated(send, path)).json).toMatchObject({ status: 409, promotionState: 'CANCELLED' })
  })
})

describe('the size limit of an environment', () => {
  it('rejects further keys with 422, and allows deletions', async () => {
    const send = app.client()
    const values = (prefix: string) =>
      Object.fromEntries(Array.from({ length: 3000 }, (_, n) => [`${prefix}${n}`, 'x'.repeat(1000)]))
    expect((await set(send, 'staging', values('a'))).status).toBe(200)
    const full = await set(send, 'staging', values('b'))
    expect([full.status, full.json['detail']]).toEqual([422, expect.stringMatching(/delete something first/)])
    const path = '/config/environments/staging/configurations'
    expect((await send('PATCH', path, { delete: ['a0', 'a1'] })).json).toMatchObject({ revision: 2, deleted: 2 })
    expect((await set(send, 'staging', { one: 1 })).status).toBe(200)
  })
})

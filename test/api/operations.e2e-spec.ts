import { connect } from 'node:net'
import pg from 'pg'
import { type OpenApi, openApiFindings } from '../independent/open-api.js'
import { deploymentsPath, incidentsPath, type HttpAnswer, type Service, startService, until } from '../kit/index.js'

// What operators of the process and authors of clients rely on.

let service: Service
const deployment = { environment: 'dev', imageTag: 'v1' }

beforeAll(async () => {
  service = await startService('standalone')
  const written = await service.http.record(deployment)
  await service.http.after(written).get(`${deploymentsPath}/history`)
}, 60_000)
afterAll(() => service?.end())

it('GET /healthz returns ok, and GET /readyz the state of each part', async () => {
  const [health, ready] = [await service.http.get('/healthz'), await service.http.get('/readyz')]
  expect([health.status, health.json]).toEqual([200, { status: 'ok' }])
  expect([ready.status, ready.json]).toEqual([
    200,
    {
      status: 'ok',
      parts: expect.objectContaining({
        kafka: expect.objectContaining({ ok: true }),
        postgres: expect.objectContaining({ ok: true }),
        ledger: expect.objectContaining({ ok: true }),
        projector: expect.objectContaining({ ok: true }),
      }),
    },
  ])
})

it('GET /metrics counts commands by outcome, appends, pending events, the lag of the projector and HTTP requests', async () => {
  await service.http.record({ ...deployment, imageTag: 'v2' })
  await service.http.post(`${deploymentsPath}/tag/unknown/rollback`)
  const { headers, text } = await service.http.get('/metrics')
  const value = (series: string) => {
    const line = text.split('\n').find(one => one.startsWith(`${series} `))
    return line === undefined ? undefined : Number(line.split(' ')[1])
  }
  expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/)
  expect({
    appended: value('shiplog_commands_total{outcome="appended"}'),
    refused: value('shiplog_commands_total{outcome="refused"}'),
    batches: value('shiplog_append_batch_events_count'),
    appendedEvents: value('shiplog_append_batch_events_sum'),
    appends: value('shiplog_append_seconds_count'),
    pending: value('shiplog_pending_events'),
    posts: value(`shiplog_http_request_seconds_count{method="POST",route="${deploymentsPath}",status="201"}`),
  }).toEqual({ appended: 2, refused: 1, batches: 2, appendedEvents: 2, appends: 2, pending: 0, posts: 2 })
  const lags = async () => {
    const lines = (await service.http.get('/metrics')).text.split('\n')
    return ['events', 'seconds'].map(unit =>
      lines.filter(line => line.startsWith(`shiplog_projector_lag_${unit}{partition=`)),
    )
  }
  // The lag is measured every two seconds.
  await until(async () => (await lags()).every(partitions => partitions.length === 12), 'the lag of 12 partitions')
})

describe('/openapi.json', () => {
  let document: OpenApi & { paths: NonNullable<OpenApi['paths']> }

  beforeAll(async () => {
    document = (await service.http.get('/openapi.json')).json
  })

  it('is valid OpenAPI 3.1, with examples that match their schemas', () => {
    expect(openApiFindings(document)).toEqual([])
  })

  it('has examples and problems for every operation of the API', () => {
    const operations = Object.entries(document.paths)
      .filter(([path]) => path.startsWith('/api/'))
      .flatMap(([path, item]) =>
        Object.entries(item).map(([method, operation]) => ({ name: `${method} ${path}`, ...operation })),
      )
    const without = operations.filter(({ responses = {}, requestBody }) => {
      const contents = (status: RegExp) =>
        Object.entries(responses).flatMap(([code, { content }]) =>
          status.test(code) ? Object.entries(content ?? {}) : [],
        )
      const shown = [...contents(/^2/), ...Object.entries(requestBody?.content ?? {})]
      const problems = contents(/^[45]/).filter(([type]) => type === 'application/problem+json')
      const hasExamples = [...shown, ...problems].every(([, { example, examples }]) => example ?? examples)
      return !hasExamples || contents(/^2/).length === 0 || problems.length < 2
    })
    expect(without.map(({ name }) => name)).toEqual([])
    expect(operations.map(({ name }) => name).toSorted()).toEqual(everyOperation.toSorted())
  })

  it('is presented at /docs', async () => {
    const { status, text } = await service.http.get('/docs')
    expect([status, text]).toEqual([200, expect.stringContaining('swagger-ui')])
  })
})

const everyOperation = [
  'get /api/v1/commands/{commandId}',
  'get /api/v1/log/positions',
  'get /api/v1/log/verify',
  `get ${deploymentsPath}/current`,
  `get ${deploymentsPath}/history`,
  `get ${deploymentsPath}/rollback-target`,
  `get ${deploymentsPath}/tag/{imageTag}/exists`,
  ...[
    'changes',
    'commits/{sha}/path',
    'tag/{imageTag}/path',
    'drift',
    'drift/history',
    'metrics',
    'metrics/changes',
  ].map(part => `get ${deploymentsPath}/${part}`),
  `get ${deploymentsPath}/{id}`,
  `get ${deploymentsPath}/{id}/events`,
  `post ${deploymentsPath}`,
  `post ${deploymentsPath}/import`,
  `post ${deploymentsPath}/tag/{imageTag}/rollback`,
  `post ${deploymentsPath}/remove`,
  ...['complete', 'correct', 'remove', 'rollback', 'void'].map(action => `post ${deploymentsPath}/{id}/${action}`),
  ...['get', 'post'].map(method => `${method} ${incidentsPath}`),
  ...['{id}', '{id}/events'].map(part => `get ${incidentsPath}/${part}`),
  `post ${incidentsPath}/{id}/resolve`,
  ...['configurations', 'flags'].flatMap(kind => {
    const path = `/api/v1/config/environments/{environment}/${kind}`
    return [
      ...['get', 'patch'].map(method => `${method} ${path}`),
      ...['delete', 'get', 'put'].map(method => `${method} ${path}/{key}`),
      `get ${path}/{key}/history`,
    ]
  }),
  'put /api/v1/config/environments/{environment}/configurations',
  ...['pipeline', 'pipeline/freezes'].flatMap(part => [`get /api/v1/config/${part}`, `put /api/v1/config/${part}`]),
  'get /api/v1/config/schemas',
  ...['delete', 'put'].map(method => `${method} /api/v1/config/schemas/{keyPattern}`),
  ...['get', 'post'].map(method => `${method} /api/v1/config/promotions`),
  ...['diff', 'drift', '{id}', '{id}/events'].map(part => `get /api/v1/config/promotions/${part}`),
  'delete /api/v1/config/promotions/{id}',
  ...['validate', 'approve', 'reject', 'schedule', 'execute', 'rollback'].map(
    action => `post /api/v1/config/promotions/{id}/${action}`,
  ),
]

it('responses and problems echo X-Request-Id and traceparent, and log lines contain the request id', async () => {
  const headers = { 'X-Request-Id': 'run 17/4', traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }
  for (const path of ['/healthz', `${deploymentsPath}/history`, '/nothing']) {
    const answer = await service.http.get(path, headers)
    expect(answer.headers).toMatchObject({ 'x-request-id': 'run 17/4', traceparent: headers.traceparent })
  }
  const made = await service.http.get('/nothing')
  expect(made.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
  expect(made.json.requestId).toBe(made.headers['x-request-id'])
  const logged = () => service.app.lines.some(line => line.includes('"requestId":"run 17/4"'))
  await until(logged, 'the request to be logged')
})

it('SIGTERM completes requests in progress, refuses new connections, and ends the process with 0', async () => {
  // A command is held in the middle of its decision by a lock on the streams.
  const holder = new pg.Client({ connectionString: service.database.url })
  await holder.connect()
  await holder.query('BEGIN; LOCK TABLE ledger.stream IN ACCESS EXCLUSIVE MODE')
  const underWay: Promise<HttpAnswer> = service.http.post(deploymentsPath, { ...deployment, imageTag: 'v3' })
  const waiting = async () => {
    const { rows } = await holder.query(
      `SELECT FROM pg_locks WHERE NOT granted AND relation = 'ledger.stream'::regclass`,
    )
    return rows.length > 0
  }
  await until(waiting, 'the command to wait for the lock')

  const stopped = service.app.stop()
  const refusesNew = () =>
    new Promise<boolean>(resolve => {
      const { hostname, port } = new URL(service.app.url)
      const socket = connect(Number(port), hostname)
      socket.once('connect', () => resolve(false)).once('error', () => resolve(true))
      socket.once('connect', () => socket.destroy())
    })
  await until(refusesNew, 'new connections to be refused')
  expect(service.app.running()).toBe(true)
  await holder.query('ROLLBACK')

  expect((await underWay).status).toBe(201)
  expect(await stopped).toEqual({ code: 0, signal: null })
  await holder.end()
})

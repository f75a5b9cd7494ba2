import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { GivenLog, recorded, afterwards } from '#test/specs/read-models/given-log'
import { brokers, freshTopicName, until } from '#test/kit'
import { deploymentsPath, startQueryApp, type QueryResponse, type TestQueryApp } from '#test/kit/apps/query-app'

let log: GivenLog
let app: TestQueryApp
let registry: Server
let tenant: string
const requests: IncomingMessage[] = []
const images = new Set<string>()

beforeAll(async () => {
  registry = createServer((request, response) => {
    requests.push(request)
    response.writeHead(images.has(request.url!) ? 200 : 404).end()
  })
  await new Promise<void>(resolve => registry.listen(0, '127.0.0.1', resolve))
  const url = `http://reader:s%40crt@127.0.0.1:${(registry.address() as AddressInfo).port}`
  log = await GivenLog.start()
  app = await startQueryApp(
    { databaseUrl: log.database.url, brokers: brokers(), topic: freshTopicName('query') },
    { SHIPLOG_REGISTRY_URL: url },
  )
  await until(async () => (await app.get('/readyz')).status === 200, 'the query app is ready')
})
afterAll(async () => {
  await app.close()
  await log.end()
  registry.closeAllConnections()
  await new Promise(resolve => registry.close(resolve))
})
beforeEach(() => {
  tenant = `tenant-${randomUUID().slice(0, 8)}`
  requests.length = 0
})

const at = (minute: number) => `2026-02-12T10:${String(minute).padStart(2, '0')}:00Z`
const here = (facts: Parameters<typeof recorded>[0] = {}) =>
  recorded({ tenant, application: 'platform', environment: 'prod', ...facts })

function target(search: string): Promise<QueryResponse> {
  return app.get(`${deploymentsPath}/rollback-target?${search}`, { 'X-Tenant-ID': tenant })
}

const checkOf = ({ json }: QueryResponse, name: string) =>
  (json.checks as { name: string; result: string; detail: string }[]).find(check => check.name === name)

test('the target is the latest earlier success of another tag that is not rolled back; newer deployments have a reason', async () => {
  // given
  const [v1, v2, failed, v3, pending, again, problem] = [
    here({ imageTag: 'v1', deployedAt: at(1) }),
    here({ imageTag: 'v2', deployedAt: at(2) }),
    here({ imageTag: 'v2.5', deployedAt: at(3), status: 'FAILED' }),
    here({ imageTag: 'v3', deployedAt: at(4) }),
    here({ imageTag: 'v3.5', deployedAt: at(5), status: 'PENDING' }),
    here({ imageTag: 'v4', deployedAt: at(6) }),
    here({ imageTag: 'v4', deployedAt: at(7) }),
  ] as const
  await log.given(v1, v2, failed, v3, pending, again, problem)
  await log.given(afterwards(v3, { type: 'DeploymentRolledBack', rolledBackAt: at(8) }))
  // and deployments of other slots
  await log.given(
    here({ imageTag: 'v9', deployedAt: at(6), environment: 'staging' }),
    here({ imageTag: 'v9', deployedAt: at(6), application: 'search' }),
  )

  // when
  const response = await target('environment=production')

  // then
  expect(response.status).toBe(200)
  expect(response.json).toMatchObject({ problem: { id: problem.id, active: true }, target: { id: v2.id } })
  expect(response.json.passedOver).toEqual(
    [
      { id: again.id, reason: 'It has the same tag as the problem, v4.' },
      { id: pending.id, reason: 'It is PENDING: it has not succeeded yet.' },
      { id: v3.id, reason: `It was itself rolled back at ${at(8)}.` },
      { id: failed.id, reason: 'It FAILED.' },
    ].map(({ id, reason }) => ({ deployment: expect.objectContaining({ id }), reason })),
  )
  expect(response.headers.get('shiplog-position')).toBeTruthy()
  // and of a deployment by id, active or not
  const earlier = await target(`deploymentId=${v2.id}`)
  expect(earlier.json).toMatchObject({ problem: { id: v2.id }, target: { id: v1.id }, passedOver: [] })
})

test('notes and migrations of all deployments to be undone are checked', async () => {
  await log.given(
    here({ imageTag: 'v1', deployedAt: at(1), notes: 'of the target: nothing to undo' }),
    here({ imageTag: 'v2', deployedAt: at(2), status: 'FAILED', notes: 'Drain the queue.' }),
    here({
      imageTag: 'v3',
      deployedAt: at(3),
      migrations: [{ id: '0042', reversible: false, backwardCompatible: false }],
    }),
  )
  const response = await target('environment=prod')
  expect(response.json.checks.map(({ name }: { name: string }) => name)).toEqual([
    'record',
    'image',
    'notes',
    'migrations',
    'backwardCompatibility',
  ])
  expect(checkOf(response, 'record')).toMatchObject({ result: 'pass' })
  expect(checkOf(response, 'notes')).toMatchObject({ result: 'warn', detail: expect.stringContaining('v2 (') })
  expect(checkOf(response, 'migrations')).toEqual({
    name: 'migrations',
    result: 'fail',
    detail: 'Cannot be reversed: 0042 of v3.',
  })
  expect(checkOf(response, 'backwardCompatibility')).toMatchObject({ result: 'fail' })
})

test('the registry is queried for the image as the distribution API defines it', async () => {
  // given
  images.add('/v2/acme/platform/manifests/v1')
  await log.given(
    here({ imageTag: 'v0', deployedAt: at(1) }),
    here({ imageTag: 'v1', deployedAt: at(2), image: 'registry.example.com:5000/acme/platform' }),
    here({ imageTag: 'v2', deployedAt: at(3) }),
  )

  // when, then: there
  const there = await target('environment=prod')
  expect(checkOf(there, 'image')).toMatchObject({ result: 'pass', detail: expect.stringContaining('acme/platform:v1') })
  expect(requests[0]).toMatchObject({ method: 'HEAD', url: '/v2/acme/platform/manifests/v1' })
  expect(requests[0]!.headers.accept).toContain('application/vnd.oci.image.index.v1+json')
  expect(requests[0]!.headers.authorization).toBe(`Basic ${Buffer.from('reader:s@crt').toString('base64')}`)
  expect(there.text).not.toContain('s@crt')

  // when, then: gone
  images.clear()
  expect(checkOf(await target('environment=prod'), 'image')).toMatchObject({ result: 'fail' })
})

describe('a deployment that was undone', () => {
  const reported = (id: string, tag: string, minute: number) =>
    `It was undone: deployment ${id} of ${tag}, at ${at(minute)}, reports to have rolled it back.`
  const inferred = (id: string, tag: string, minute: number) =>
    `It was undone: deployment ${id} of ${tag}, at ${at(minute)}, went back from it to an older version.`
  const reasons = ({ json }: QueryResponse) =>
    json.passedOver.map(({ deployment, reason }: { deployment: { id: string }; reason: string }) => [
      deployment.id,
      reason,
    ])
  const deployed = (imageTag: string, minute: number, more: Parameters<typeof recorded>[0] = {}) =>
    here({ imageTag, deployedAt: at(minute), ...more })

  test.each([['inferred'], ['reported']])('is not a target (%s), in any order of arrival', async how => {
    for (const order of [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [2, 0, 3, 1],
    ]) {
      tenant = `tenant-${randomUUID().slice(0, 8)}`
      const [z, a, b] = [deployed('Z', 1), deployed('A', 2), deployed('B', 3)] as const
      const again = deployed('A', 4, how === 'reported' ? { rollbackOf: b.id } : {})
      for (const n of order) await log.given([z, a, b, again][n]!)

      const response = await target('environment=prod')
      expect(response.json).toMatchObject({ problem: { id: again.id }, target: { id: z.id } })
      expect(reasons(response)).toEqual([
        [b.id, (how === 'reported' ? reported : inferred)(again.id, 'A', 4)],
        [a.id, 'It has the same tag as the problem, A.'],
      ])
      // Before it was undone, it was a target.
      expect((await target(`environment=prod&asOf=${at(3)}`)).json).toMatchObject({
        problem: { id: b.id },
        target: { id: a.id },
        passedOver: [],
      })
      expect(reasons(await target(`environment=prod&asOf=${at(4)}`))).toEqual(reasons(response))
    }
  })

  test('is not a target of a later problem, also where several are undone', async () => {
    const [z, a, b, c] = [deployed('Z', 1), deployed('A', 2), deployed('B', 3), deployed('C', 4)] as const
    const [undoesC, undoesB] = [deployed('B2', 5, { rollbackOf: c.id }), deployed('A', 6, { rollbackOf: b.id })]
    const [undoesB2, problem] = [deployed('Z', 7, { rollbackOf: undoesC!.id }), deployed('D', 8)]
    await log.given(z, a, b, c, undoesC!, undoesB!, undoesB2, problem)
    const response = await target('environment=prod')
    expect(response.json.target.id).toBe(undoesB2.id)
    const earlier = await target(`deploymentId=${undoesB2.id}`)
    expect(earlier.json.target.id).toBe(undoesB!.id)
    const before = await target(`deploymentId=${undoesB!.id}`)
    expect(before.json.target.id).toBe(z.id)
    expect(reasons(before)).toEqual([
      [undoesC!.id, reported(undoesB2.id, 'Z', 7)],
      [c.id, reported(undoesC!.id, 'B2', 5)],
      [b.id, reported(undoesB!.id, 'A', 6)],
      [a.id, 'It has the same tag as the problem, A.'],
    ])
  })

  test('is a target where the deployment that reports its rollback failed, is in another slot, or is not known yet', async () => {
    const [z, a, problem] = [deployed('Z', 1), deployed('A', 2), deployed('B', 5)] as const
    await log.given(
      z,
      a,
      problem,
      deployed('Z', 3, { status: 'FAILED', rollbackOf: a.id }),
      deployed('Z', 4, { application: 'search', rollbackOf: a.id }),
      deployed('Z', 4, { environment: 'staging', rollbackOf: a.id }),
      deployed('C', 4, { status: 'PENDING', rollbackOf: a.id }),
    )
    expect((await target('environment=prod')).json.target.id).toBe(a.id)
    await log.given(deployed('Z', 4, { rollbackOf: a.id, recordedTime: '2026-11-22T12:00:00Z' }))
    for (const search of ['environment=prod', `deploymentId=${problem.id}`]) {
      expect((await target(search)).json.target).toMatchObject({ imageTag: 'Z', deployedAt: at(4) })
      expect((await target(`${search}&knownAt=2026-11-22T11:59:59Z`)).json.target.id).toBe(a.id)
    }
  })

  test('is counted in the 404 without a target', async () => {
    const a = deployed('A', 1, { id: '00000000-0000-4000-8000-00000000000a' })
    await log.given(a, deployed('B', 2, { rollbackOf: a.id }))
    const { status, json } = await target('environment=prod')
    expect([status, json.detail]).toEqual([404, expect.stringContaining('(1 rolled back by a later deployment)')])
    expect(json.passedOver).toHaveLength(1)
  })
})

test('asOf and knownAt determine the problem and the target', async () => {
  const known = (imageTag: string, minute: number, more: Parameters<typeof recorded>[0] = {}) =>
    here({ imageTag, deployedAt: at(minute), recordedTime: at(minute), ...more })
  const [v1, v2, v3] = [known('v1', 1), known('v2', 2), known('v3', 3)] as const
  await log.given(v1, v2, v3, known('v2.5', 2, { recordedTime: at(30), id: '00000000-0000-4000-8000-000000000025' }))
  await log.given({ ...afterwards(v2, { type: 'DeploymentRolledBack', rolledBackAt: at(10) }), recordedTime: at(20) })
  const found = async (moment: string) => {
    const { json } = await target(`environment=prod${moment}`)
    return [json.problem?.imageTag, json.target?.imageTag]
  }
  expect(await found('')).toEqual(['v3', 'v2.5'])
  expect(await found(`&knownAt=${at(29)}`)).toEqual(['v3', 'v1'])
  expect(await found(`&knownAt=${at(19)}`)).toEqual(['v3', 'v2'])
  expect(await found(`&asOf=${at(9)}&knownAt=${at(29)}`)).toEqual(['v3', 'v2'])
  expect(await found(`&asOf=${at(2)}&knownAt=${at(19)}`)).toEqual(['v2', 'v1'])
  expect((await target(`environment=prod&asOf=${at(0)}`)).status).toBe(404)
})

describe('the detail of a 404', () => {
  test('states that no deployment is active', async () => {
    await log.given(here({ status: 'FAILED' }))
    const { status, json } = await target('environment=prod')
    expect([status, json.detail]).toEqual([
      404,
      'No deployment is active in application platform, environment prod: there is none to roll back.',
    ])
  })

  test('states that no deployment started earlier', async () => {
    await log.given(here({ id: '00000000-0000-4000-8000-000000000001', imageTag: 'v1' }))
    const { status, json } = await target('environment=prod')
    expect([status, json.detail]).toEqual([
      404,
      'No rollback target: no deployment started before v1 (00000000-0000-4000-8000-000000000001) in prod of platform.',
    ])
  })

  test('counts the reasons for which no earlier deployment is a target', async () => {
    const rolledBack = here({ imageTag: 'v1', deployedAt: at(1), status: 'ROLLED_BACK' })
    await log.given(
      rolledBack,
      here({ imageTag: 'v2', deployedAt: at(2), status: 'FAILED' }),
      here({ imageTag: 'v3', deployedAt: at(3) }),
      here({ imageTag: 'v3', deployedAt: at(4) }),
    )
    const { status, json } = await target('environment=prod')
    expect(status).toBe(404)
    expect(json.detail).toContain('of the 3 deployments that started before v3')
    expect(json.detail).toContain('(1 failed, 1 rolled back, 1 with the same tag)')
    expect(json.passedOver).toHaveLength(3)
  })

  test('states that the deployment is not in the requested environment', async () => {
    const deployment = here({ environment: 'dev' })
    await log.given(deployment)
    const { status, json } = await target(`deploymentId=${deployment.id}&environment=prod`)
    expect([status, json.detail]).toEqual([404, `Deployment ${deployment.id} does not exist in environment prod.`])
  })
})

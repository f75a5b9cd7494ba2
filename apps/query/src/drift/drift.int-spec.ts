import { randomUUID } from 'node:crypto'
import { GivenLog, recorded } from '#test/specs/read-models/given-log'
import { brokers, freshTopicName, until } from '#test/kit'
import { deploymentsPath, startQueryApp, type QueryResponse, type TestQueryApp } from '#test/kit/apps/query-app'

let log: GivenLog
let app: TestQueryApp
let tenant: string

beforeAll(async () => {
  log = await GivenLog.start()
  app = await startQueryApp({ databaseUrl: log.database.url, brokers: brokers(), topic: freshTopicName('query') })
  await until(async () => (await app.get('/readyz')).status === 200, 'the query app is ready')
})
afterAll(async () => {
  await app.close()
  await log.end()
})
beforeEach(async () => {
  tenant = `tenant-${randomUUID().slice(0, 8)}`
  await log.given(
    ...['a', 'b', 'c'].flatMap(application => [
      recorded({ tenant, application, environment: 'staging', imageTag: 'v2' }),
      recorded({ tenant, application, environment: 'prod', imageTag: application === 'b' ? 'v2' : 'v1' }),
    ]),
  )
})

function get(path: string, headers: Record<string, string> = {}): Promise<QueryResponse> {
  return app.get(`${deploymentsPath}/${path}`, { 'X-Tenant-ID': tenant, ...headers })
}

const nextOf = (response: QueryResponse) =>
  /^<\/api\/v1\/platform\/deployments\/(.*)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1]

describe('GET changes', () => {
  const minute = (n: number) => new Date(Date.UTC(2026, 1, 12, 10, n)).toISOString().replace('.000Z', 'Z')
  const commit = (sha: string, n: number) => ({ sha, committedAt: minute(n - 10), author: 'ann' })

  async function givenReleases() {
    const release = (environment: string, imageTag: string, n: number, ...commits: object[]) =>
      recorded({
        tenant,
        application: 'shop',
        environment,
        imageTag,
        deployedAt: minute(n),
        completedAt: minute(n + 1),
        ...(commits.length > 0 && { commits: commits as ReturnType<typeof commit>[] }),
      })
    const [v3, again] = [release('staging', 'v3', 20, commit('c', 20), commit('b', 15)), release('staging', 'v3', 30)]
    await log.given(
      release('staging', 'v1', 0, commit('a', 0)),
      release('prod', 'v1', 5, commit('a', 0)),
      release('stage', 'v2', 10, commit('b', 10)),
      v3,
      again,
      recorded({ tenant: `${tenant}-other`, application: 'shop', environment: 'staging', imageTag: 'v9' }),
    )
    return { v3 }
  }

  test('lists the tags and commits that the source has and the target lacks', async () => {
    const { v3 } = await givenReleases()
    for (const knownAt of ['', `&knownAt=${new Date().toISOString()}`]) {
      const response = await get(`changes?application=shop&source=stage&target=production&asOf=${minute(41)}${knownAt}`)
      expect(response.headers.get('shiplog-position')).toMatch(/^\d+:\d+/)
      expect(response.json).toEqual({
        application: 'shop',
        source: 'staging',
        target: 'production',
        aheadBy: 2,
        ahead: [
          { imageTag: 'v3', deploymentId: v3.id, deployedAt: minute(20), waitingSeconds: 20 * 60, commits: 1 },
          {
            imageTag: 'v2',
            deploymentId: expect.any(String),
            deployedAt: minute(10),
            waitingSeconds: 30 * 60,
            commits: 1,
          },
        ],
        commitCount: 2,
        commits: [
          { ...commit('c', 20), firstDeployedAt: minute(20) },
          { ...commit('b', 10), firstDeployedAt: minute(10) },
        ],
        oldestWaitingSeconds: 30 * 60,
      })
      const before = await get(`changes?application=shop&source=staging&target=prod&asOf=${minute(15)}${knownAt}`)
      expect(before.json).toMatchObject({ aheadBy: 1, commits: [{ sha: 'b' }] })
    }
    // The other way round, production is behind: it has nothing that staging lacks.
    const back = await get('changes?application=shop&source=prod&target=staging')
    expect(back.json).toMatchObject({ source: 'production', aheadBy: 0, ahead: [], commits: [] })
  })

  test('lists all applications in pages, and one that is not active without anything', async () => {
    await givenReleases()
    const names: string[] = []
    for (let next: string | undefined = 'changes?source=staging&target=prod&limit=3'; next !== undefined;) {
      const response = await get(next)
      names.push(...(response.json as { application: string }[]).map(({ application }) => application))
      next = nextOf(response)
    }
    expect(names).toEqual(['a', 'b', 'c', 'shop'])
    expect((await get('changes?source=staging&target=prod&application=shop&application=a')).json).toMatchObject([
      { application: 'a', aheadBy: 1 },
      { application: 'shop', aheadBy: 2 },
    ])
    expect((await get('changes?source=staging&target=prod&application=none')).json).toEqual({
      application: 'none',
      source: 'staging',
      target: 'production',
      aheadBy: 0,
      ahead: [],
      commitCount: 0,
      commits: [],
    })
  })

  test('lists at most 100 tags and 500 commits of an application, and counts all', async () => {
    const commits = Array.from({ length: 6 }, (_, n) => commit(`of ${n}`, n))
    await log.given(
      ...Array.from({ length: 110 }, (_, n) =>
        recorded({
          tenant,
          application: 'busy',
          environment: 'staging',
          imageTag: `v${n}`,
          deployedAt: minute(n),
          commits: commits.map(one => ({ ...one, sha: `${one.sha} in ${n}` })),
        }),
      ),
      recorded({ tenant, application: 'busy', environment: 'prod', imageTag: 'v0', deployedAt: minute(1) }),
    )
    const { json } = await get('changes?source=staging&target=prod&application=busy')
    expect([json.aheadBy, json.ahead.length, json.ahead[0].imageTag]).toEqual([109, 100, 'v109'])
    expect([json.commitCount, json.commits.length]).toEqual([654, 500])
  })

  test('refuses unknown environments, and a request without a target', async () => {
    expect(await get('changes?source=nowhere&target=prod')).toMatchObject({ status: 404 })
    expect((await get('changes?source=staging')).json.errors).toEqual([
      { parameter: 'target', detail: expect.any(String) },
    ])
  })
})

describe('GET drift', () => {
  test('compares two environments in pages, with the positions that it reflects', async () => {
    const response = await get('drift?source=stage&target=production&onlyDiffering=true&limit=1')
    expect(response.status).toBe(200)
    expect(response.headers.get('shiplog-position')).toMatch(/^\d+:\d+(,\d+:\d+)*$/)
    expect(response.json).toMatchObject({
      source: 'staging',
      target: 'production',
      applications: [{ application: 'a', state: 'different', direction: 'diverged' }],
      configuration: { added: 0, modified: 0, removed: 0, unchanged: 0 },
    })
    const second = await get(nextOf(response)!)
    expect(second.json.applications).toMatchObject([{ application: 'c' }])
    expect(nextOf(second)).toBeUndefined()
  })

  test('keeps several applications, and those of which an active deployment has the labels', async () => {
    await log.given(recorded({ tenant, application: 'd', environment: 'prod', imageTag: 'v1', labels: { team: 'x' } }))
    const names = (response: QueryResponse) =>
      (response.json.applications as { application: string }[]).map(({ application }) => application)
    for (const moment of ['', '&asOf=2030-01-01T00:00:00Z', `&knownAt=${new Date().toISOString()}`]) {
      for (const pair of ['', '&source=stage&target=prod']) {
        expect(names(await get(`drift?application=c&application=a&application=none${moment}${pair}`))).toEqual([
          'a',
          'c',
        ])
        expect(names(await get(`drift?label=team=x${moment}${pair}`))).toEqual(['d'])
        expect(names(await get(`drift?application=c&application=a&label=team=x${moment}${pair}`))).toEqual([])
      }
    }
    const first = await get('drift?source=stage&target=prod&application=c&application=a&limit=1')
    expect(names(await get(nextOf(first)!))).toEqual(['c'])
  })

  test('returns all pairs of the pipeline without source and target', async () => {
    const { status, json } = await get('drift')
    expect(status).toBe(200)
    expect(json.environments).toEqual(['dev', 'staging', 'production'])
    expect(json.pairs).toHaveLength(3)
    expect(json.applications).toHaveLength(3)
  })

  test('returns the history by day', async () => {
    const query = 'source=staging&target=prod&from=2026-02-12T00:00:00Z&to=2026-02-13T00:00:00Z&timezone=Europe/London'
    const { status, json } = await get(`drift/history?${query}`)
    expect(status).toBe(200)
    expect(json).toMatchObject({ timezone: 'Europe/London', to: '2026-02-13T00:00:00Z' })
    expect(json.days).toEqual([{ date: '2026-02-12', applications: 3, differing: 2, longestSeconds: 50_400 }])
  })

  test('starts the history no earlier than the year 1', async () => {
    const { json } = await get('drift/history?source=staging&target=prod&to=0001-01-03T00:00:00Z')
    expect(json.from).toBe('0001-01-01T00:00:00Z')
    expect(json.days).toEqual(['0001-01-01', '0001-01-02'].map(date => ({ date, applications: 0, differing: 0 })))
  })

  test.each([
    ['a source without a target', 'drift?source=staging', 'target'],
    ['a target without a source', 'drift?target=staging', 'source'],
    ['an invalid asOf', 'drift?asOf=yesterday', 'asOf'],
    ['a cursor of another list', 'drift?source=staging&target=prod&cursor=abc', 'cursor'],
    ['an unknown parameter', 'drift?environment=prod', 'environment'],
    ['a history without environments', 'drift/history', 'source'],
    ['an unknown time zone', 'drift/history?source=dev&target=prod&timezone=Mars', 'timezone'],
    ['an offset as a time zone', 'drift/history?source=dev&target=prod&timezone=%2B01:00', 'timezone'],
    ['a period that ends before it starts', 'drift/history?source=dev&target=prod&from=2126-01-01T00:00:00Z', 'from'],
  ])('rejects %s with 400 that names the parameter', async (_what, path, parameter) => {
    const { status, json } = await get(path)
    expect(status).toBe(400)
    expect(json.errors[0].parameter).toBe(parameter)
  })

  test.each(['drift?source=staging&target=nowhere', 'drift/history?source=staging&target=nowhere'])(
    'returns 404 with the known environments for an unknown one (%s)',
    async path => {
      const { status, json, headers } = await get(path)
      expect(status).toBe(404)
      expect(json.detail).toMatch('nowhere')
      expect(json.environments.slice(0, 3)).toEqual(['dev', 'staging', 'production'])
      expect(json.errors).toMatchObject([{ parameter: 'target' }])
      expect(headers.get('shiplog-position')).toMatch(/^\d+:\d+/)
    },
  )

  test('returns nothing of another tenant', async () => {
    const { json } = await get('drift?source=staging&target=production', { 'X-Tenant-ID': `${tenant}-other` })
    expect(json.applications).toEqual([])
  })
})

import { randomUUID } from 'node:crypto'
import { GivenLog, opened, recorded, afterwards, resolved } from '#test/specs/read-models/given-log'
import { brokers, freshTopicName, incidentsPath, until } from '#test/kit'
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
beforeEach(() => {
  tenant = `tenant-${randomUUID().slice(0, 8)}`
})

const at = (time: string) => `2026-02-12T${time}Z`
const here = (facts: Parameters<typeof recorded>[0] = {}) => recorded({ tenant, ...facts })

function get(path: string, headers: Record<string, string> = {}): Promise<QueryResponse> {
  return app.get(`${deploymentsPath}/${path}`, { 'X-Tenant-ID': tenant, ...headers })
}

const times = (count: number, parameter: string) => Array(count).fill(parameter).join('&')
const tagsOf = ({ json }: QueryResponse) => (json as { imageTag: string }[]).map(({ imageTag }) => imageTag)

describe('GET history', () => {
  test('returns an array, newest first, with the positions that it reflects, as in source document 000', async () => {
    await log.given(
      here({ environment: 'dev', imageTag: 'v2.1.0-abc1234', deployedAt: at('10:00:00'), completedAt: at('10:05:00') }),
      here({ environment: 'dev', imageTag: 'v2.0.0-def5678', deployedAt: at('09:00:00'), status: 'ROLLED_BACK' }),
    )
    const response = await get('history?environment=dev&limit=10')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(response.headers.get('shiplog-position')).toMatch(/^\d+:\d+(,\d+:\d+)*$/)
    expect(response.headers.get('link')).toBeNull()
    expect(response.json).toMatchObject([
      { imageTag: 'v2.1.0-abc1234', environment: 'dev', status: 'DEPLOYED', deployedAt: at('10:00:00'), active: true },
      { imageTag: 'v2.0.0-def5678', environment: 'dev', status: 'ROLLED_BACK', active: false },
    ])
  })

  test('is paged by links that keep the filters', async () => {
    const tags = Array.from({ length: 7 }, (_, n) => `v${n}`)
    await log.given(
      ...tags.map((imageTag, n) => here({ imageTag, environment: 'prod', status: n % 2 ? 'FAILED' : 'DEPLOYED' })),
      ...tags.map(imageTag => here({ imageTag: `${imageTag}-dev`, environment: 'dev' })),
    )
    const listed: string[] = []
    let next: string | undefined = 'history?environment=production&status=FAILED&status=DEPLOYED&limit=3'
    const sizes: number[] = []
    while (next !== undefined) {
      const response: QueryResponse = await get(next)
      expect(response.status).toBe(200)
      listed.push(...tagsOf(response))
      sizes.push(response.json.length)
      next = /^<\/api\/v1\/platform\/deployments\/(.*)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1]
    }
    expect(listed).toEqual(tags.toReversed())
    expect(sizes).toEqual([3, 3, 1])
  })

  test.each([
    ['an unknown parameter', 'history?env=dev', 'env'],
    ['a parameter of another endpoint', 'current?status=FAILED', 'status'],
    ['an unknown status', 'history?status=OK', 'status'],
    ['a repeated tag', 'history?imageTag=a&imageTag=b', 'imageTag'],
    ['more applications than fifty', `history?${times(51, 'application=a')}`, 'application'],
    ['more environments than ten', `current?${times(11, 'environment=a')}`, 'environment'],
    ['a label without a value', 'history?label=team', 'label'],
    ['a label without a key', 'current?label==payments', 'label'],
    ['a choice that is neither true nor false', 'history?includeVoided=1', 'includeVoided'],
    ['a limit of 0', 'history?limit=0', 'limit'],
    ['a limit beyond 500', 'history?limit=501', 'limit'],
    ['a time without a zone', 'history?from=2026-02-12T10:00:00', 'from'],
    ['an impossible day', 'history?to=2026-02-30T10:00:00Z', 'to'],
    ['an invalid asOf', 'current?asOf=yesterday', 'asOf'],
    ['an invalid knownAt', 'history?knownAt=2026-02-12', 'knownAt'],
    ['an empty application', 'tag/v1/path?application=', 'application'],
    ['an invalid cursor', 'history?cursor=abc', 'cursor'],
    ['a parameter where none is allowed', `${randomUUID()}?expand=true`, 'expand'],
    ['a rollback target without an environment', 'rollback-target?application=checkout', 'environment'],
    ['an id that is not a UUID', 'rollback-target?deploymentId=17', 'deploymentId'],
    ['an id in the path that is not a UUID', '17', 'id'],
  ])('rejects %s with 400 that names the parameter', async (_name, path, parameter) => {
    const { status, json, headers } = await get(path)
    expect(status).toBe(400)
    expect(headers.get('content-type')).toContain('application/problem+json')
    expect(json.errors).toEqual([{ parameter, detail: expect.any(String) }])
  })
})

describe('filters with several values', () => {
  test('find any of the applications and environments, with all of the labels, of one tenant, page by page', async () => {
    const labels = { team: 'payments', 'tier=1': 'a=b', empty: '' }
    const minute = (n: number) => at(`10:0${n}:00`)
    await log.given(
      here({ application: 'a', environment: 'prod', imageTag: 'v1', deployedAt: minute(1), labels }),
      here({ application: 'b', environment: 'qa', imageTag: 'v2', deployedAt: minute(2), labels }),
      here({
        application: 'b',
        environment: 'dev',
        imageTag: 'v3',
        deployedAt: minute(3),
        labels: { team: 'payments' },
      }),
      here({
        application: 'c',
        environment: 'prod',
        imageTag: 'v4',
        deployedAt: minute(4),
        labels: { team: 'search' },
      }),
      recorded({
        tenant: `${tenant}-other`,
        application: 'a',
        environment: 'prod',
        imageTag: 'of another tenant',
        labels,
      }),
    )
    for (const [list, filter, tags] of [
      ['history', 'application=a&application=b&application=b', ['v3', 'v2', 'v1']],
      ['history', 'environment=PROD&environment=production', ['v4', 'v1']],
      ['history', 'application=a&application=c&environment=prod&environment=QA', ['v4', 'v1']],
      ['history', 'label=team=payments', ['v3', 'v2', 'v1']],
      ['history', 'label=team=payments&label=empty=', ['v2', 'v1']],
      ['history', 'label=team=payments&label=team=search', []],
      // The first `=` ends the key, so that a key that contains one is not found.
      ['history', 'label=tier=1=a=b', []],
      ['current', 'application=a&application=c', ['v1', 'v4']],
      ['current', 'environment=qa&environment=development', ['v3', 'v2']],
      ['current', 'label=team=payments&environment=prod', ['v1']],
    ] as const) {
      for (const moment of ['', '&asOf=2026-02-13T00:00:00Z', `&knownAt=${new Date().toISOString()}`]) {
        const found: string[] = []
        let next: string | undefined = `${list}?${filter}${moment}&limit=1`
        while (next !== undefined) {
          const response: QueryResponse = await get(next)
          expect([next, response.status, response.text]).toEqual([next, 200, expect.anything()])
          found.push(...tagsOf(response))
          next = /^<\/api\/v1\/platform\/deployments\/(.*)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1]
        }
        expect([filter, moment, found]).toEqual([filter, moment, tags])
      }
    }
  })

  test('find a deployment by its label at its corrected start', async () => {
    const moved = here({ imageTag: 'moved', deployedAt: at('10:00:00'), labels: { team: 'a' } })
    await log.given(moved, here({ imageTag: 'other', deployedAt: at('11:00:00'), labels: { team: 'a' } }))
    const corrections = [{ field: 'deployedAt' as const, before: at('10:00:00'), after: at('12:00:00') }]
    await log.given(afterwards(moved, { type: 'DeploymentCorrected', corrections, reason: 'the clock was wrong' }))
    expect(tagsOf(await get('history?label=team=a'))).toEqual(['moved', 'other'])
  })
})

describe('commits by a prefix of their hash', () => {
  const full = `abcdef0${'1'.repeat(33)}`
  const other = `abcdef0${'2'.repeat(33)}`
  const known = () => `knownAt=${new Date().toISOString()}`

  test('are found with 7 digits or more, in any case, under their full and their abbreviated hash', async () => {
    const short = full.slice(0, 9)
    await log.given(
      here({ environment: 'dev', imageTag: 'v1', commits: [{ sha: full, committedAt: at('08:00:00') }] }),
      here({ environment: 'staging', imageTag: 'v2', gitCommit: short, deployedAt: at('10:00:00') }),
      here({ environment: 'prod', imageTag: 'v3', gitCommit: full, deployedAt: at('11:00:00') }),
      recorded({ tenant: `${tenant}-other`, environment: 'prod', gitCommit: other }),
    )
    for (const moment of ['asOf=2026-02-13T00:00:00Z', known()]) {
      for (const sha of ['abcdef0', 'ABCDEF01', short, full, full.toUpperCase()]) {
        const { status, json } = await get(`commits/${sha}/path?${moment}`)
        const environments = (json as { environment: string }[]).map(({ environment }) => environment)
        expect([sha, status, environments]).toEqual([sha, 200, ['dev', 'staging', 'production']])
        expect(tagsOf(await get(`history?gitCommit=${sha}&${moment}`))).toEqual(['v3', 'v2'])
      }
      // Shorter ones, and others that are no hash, are names like any other.
      for (const sha of ['abcdef', 'abcdefg', `${full}1`]) {
        expect((await get(`commits/${sha}/path?${moment}`)).status).toBe(404)
        expect((await get(`history?gitCommit=${sha}&${moment}`)).json).toEqual([])
      }
    }
  })

  test('are 409 with the commits where several begin so, and found with more digits or an application', async () => {
    await log.given(
      here({ application: 'a', imageTag: 'v1', gitCommit: full }),
      here({ application: 'b', imageTag: 'v2', gitCommit: other }),
      // It abbreviates both, so it is neither.
      here({ application: 'c', imageTag: 'v3', gitCommit: 'abcdef0' }),
    )
    for (const path of ['commits/abcdef0/path', 'history?gitCommit=abcdef0']) {
      const { status, json } = await get(path)
      expect([status, json.commits]).toEqual([409, [full, other]])
    }
    expect((await get('commits/abcdef0/path?application=a')).json).toMatchObject([{ application: 'a' }])
    expect(tagsOf(await get('history?gitCommit=abcdef0&application=b'))).toEqual(['v2'])
    expect((await get(`commits/${full.slice(0, 8)}/path`)).json).toMatchObject([{ application: 'a' }])
    expect((await get(`commits/${full}/path`)).json).toHaveLength(1)
  })
})

describe('GET current', () => {
  test('lists the active deployments in pages', async () => {
    await log.given(
      ...['a', 'b', 'c'].flatMap(application =>
        ['prod', 'dev'].map(environment =>
          here({ application, environment, imageTag: `${application}-${environment}` }),
        ),
      ),
    )
    const first = await get('current?limit=4')
    expect(tagsOf(first)).toEqual(['a-dev', 'a-prod', 'b-dev', 'b-prod'])
    const [, next] = /deployments\/(.*)>/.exec(first.headers.get('link')!)!
    expect(tagsOf(await get(next!))).toEqual(['c-dev', 'c-prod'])
    expect(tagsOf(await get('current?environment=production&application=b'))).toEqual(['b-prod'])
  })
})

describe('GET {id}', () => {
  test('returns the record with an ETag, and 304 where If-None-Match has it', async () => {
    const deployment = here({ imageTag: 'v1' })
    await log.given(deployment)
    const first = await get(deployment.id)
    expect(first.json).toMatchObject({ id: deployment.id, imageTag: 'v1', active: true })
    const etag = first.headers.get('etag')!
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      expect(await get(deployment.id, { 'If-None-Match': known })).toMatchObject({ status: 304, text: '' })
    }
    // when: a neighbour changes what is said about it
    await log.given(here({ imageTag: 'v2', deployedAt: at('11:00:00') }))
    const second = await get(deployment.id.toUpperCase(), { 'If-None-Match': etag })
    expect(second).toMatchObject({ status: 200, json: { active: false, version: 1 } })
  })

  test('returns the events of the deployment under /events', async () => {
    const deployment = here({ actorOfCommand: 'ci' })
    const records = log.append([
      deployment,
      afterwards(deployment, { type: 'DeploymentRolledBack', rolledBackAt: at('12:00:00') }),
    ])
    await log.project()
    const { status, json } = await get(`${deployment.id}/events`)
    expect(status).toBe(200)
    const [recordedId, rolledBackId] = records.map(({ headers }) => String(headers['ce_id']))
    expect(json).toMatchObject([
      { type: 'io.shiplog.deployment.recorded.v1', eventId: recordedId },
      { type: 'io.shiplog.deployment.rolledback.v1', eventId: rolledBackId },
    ])
  })

  test('returns 404 for an unknown id and for one of another tenant', async () => {
    const theirs = recorded({ tenant: `${tenant}-other` })
    await log.given(theirs)
    for (const id of [randomUUID(), theirs.id]) {
      for (const path of [id, `${id}/events`, `rollback-target?deploymentId=${id}`]) {
        const { status, json, headers } = await get(path)
        expect([path, status, json.detail]).toEqual([path, 404, `Deployment ${id} does not exist.`])
        expect(headers.get('shiplog-position')).toMatch(/^\d+:\d+/)
      }
    }
  })
})

describe('GET tag/{imageTag}/exists', () => {
  test('counts the deployments of a tag with a slash, and none of an unknown tag', async () => {
    await log.given(
      here({ imageTag: 'feature/x y', environment: 'prod' }),
      here({ imageTag: 'feature/x y', application: 'b' }),
    )
    const tag = encodeURIComponent('feature/x y')
    const body = async (path: string) => (await get(path)).json
    expect(await body(`tag/${tag}/exists`)).toEqual({ imageTag: 'feature/x y', exists: true, deployments: 2 })
    expect(await body(`tag/${tag}/exists?application=b`)).toMatchObject({ deployments: 1 })
    expect(await body('tag/none/exists')).toEqual({ imageTag: 'none', exists: false, deployments: 0 })
  })
})

describe('asOf and knownAt', () => {
  test('apply to history, current, a record and paths', async () => {
    const deployment = here({
      imageTag: 'v1',
      gitCommit: 'abc',
      deployedAt: at('10:00:00'),
      recordedTime: at('10:00:00'),
    })
    await log.given(deployment)
    const answers = async (moment: string) => {
      const lists = await Promise.all(['history', 'current'].map(path => get(`${path}?${moment}`)))
      const others = await Promise.all(
        [deployment.id, 'tag/v1/path', 'commits/abc/path'].map(path => get(`${path}?${moment}`)),
      )
      return [...lists.map(({ json }) => json.length), ...others.map(({ status }) => status)]
    }
    for (const moment of [`asOf=${at('10:00:00')}`, `knownAt=${at('10:00:00')}`])
      expect(await answers(moment)).toEqual([1, 1, 200, 200, 200])
    for (const moment of [`asOf=${at('09:59:59')}`, `knownAt=${at('09:59:59')}`])
      expect(await answers(moment)).toEqual([0, 0, 404, 404, 404])
  })

  test('are kept in the links to further pages', async () => {
    await log.given(...['a', 'b', 'c'].map(application => here({ application, imageTag: application })))
    for (const list of ['current', 'history']) {
      const first = await get(`${list}?asOf=${at('11:00:00')}&limit=2`)
      const [, next] = /deployments\/(.*)>/.exec(first.headers.get('link')!)!
      expect(next).toContain('asOf=')
      const second = await get(next!)
      expect([...tagsOf(first), ...tagsOf(second)].toSorted()).toEqual(['a', 'b', 'c'])
    }
  })
})

describe('GET path', () => {
  test('returns the path of a tag and of a commit, and 404 for unknown ones', async () => {
    const tag = encodeURIComponent('feature/x')
    await log.given(
      here({ imageTag: 'feature/x', environment: 'dev', gitCommit: 'a/b', deployedAt: at('10:00:00') }),
      here({ imageTag: 'feature/x', environment: 'prod', gitCommit: 'a/b', deployedAt: at('10:01:00') }),
    )
    for (const path of [`tag/${tag}/path`, 'commits/a%2Fb/path']) {
      const { status, json, headers } = await get(path)
      expect([status, json.length, json[1].from, json[1].secondsAfterPrevious]).toEqual([200, 2, 'dev', 60])
      expect(headers.get('shiplog-position')).toMatch(/^\d+:\d+/)
    }
    const unknown = await Promise.all(['tag/none/path', 'commits/none/path?application=b'].map(path => get(path)))
    expect(unknown.map(({ status, json }) => [status, json.detail])).toEqual([
      [404, 'No deployment has the tag none.'],
      [404, 'No deployment of b contains the commit none.'],
    ])
    for (const { headers } of unknown) expect(headers.get('shiplog-position')).toMatch(/^\d+:\d+/)
  })

  test('accepts a tag of 256 characters outside the BMP', async () => {
    const imageTag = '🚢'.repeat(256)
    await log.given(here({ imageTag }))
    const path = (tag: string) => `tag/${encodeURIComponent(tag)}`
    expect((await get(`${path(imageTag)}/exists`)).json).toMatchObject({ exists: true, deployments: 1 })
    expect((await get(`${path(imageTag)}/path`)).json).toHaveLength(1)
    expect((await get(`${path(`${imageTag}x`)}/path`)).status).toBe(400)
  })
})

describe('Shiplog-Min-Position', () => {
  test('makes a read wait until the read models have reached it', async () => {
    // given: a deployment that is in the log and not projected
    const deployment = here()
    const [record] = log.append([deployment])
    const position = `${record!.partition}:${record!.headers['ce_ledgerseq']!.toString()}`
    expect((await get(deployment.id)).status).toBe(404)

    // when: a read asks for it, and it is projected meanwhile
    const reading = get(deployment.id, { 'Shiplog-Min-Position': position })
    await log.project()

    // then
    expect((await reading).status).toBe(200)
    expect((await get('history', { 'Shiplog-Min-Position': position })).json).toHaveLength(1)
  })

  test('makes a read return 503 with Retry-After after two seconds', async () => {
    const started = Date.now()
    const { status, headers, json } = await get('history', { 'Shiplog-Min-Position': '3:1000000' })
    expect(status).toBe(503)
    expect(headers.get('retry-after')).toBe('1')
    expect(json.detail).toBe('The read models have not reached 3:1000000 yet.')
    expect(Date.now() - started).toBeGreaterThanOrEqual(1990)
  })

  test.each(['x', '3', '3:', '12:1', '9999:1'])('is rejected with 400 where it is %s', async position => {
    const { status, json } = await get('history', { 'Shiplog-Min-Position': position })
    expect(status).toBe(400)
    expect(json.errors).toEqual([{ header: 'Shiplog-Min-Position', detail: expect.any(String) }])
  })
})

describe('incidents', () => {
  const getIncidents = (path: string, of = tenant) => app.get(`${incidentsPath}${path}`, { 'X-Tenant-ID': of })
  const idsOf = ({ json }: QueryResponse) => (json as { id: string }[]).map(({ id }) => id)

  test('are listed newest first, filtered and paged, with the deployment to which each belongs', async () => {
    const v1 = here({ deployedAt: at('10:00:00') })
    const first = opened({ tenant, id: 'a/1', startedAt: at('10:30:00'), title: 'slow', url: 'https://example.com/1' })
    const early = opened({ tenant, id: 'early', startedAt: at('09:00:00'), environment: 'prod' })
    const other = opened({ tenant, id: 'other', startedAt: at('10:40:00'), application: 'search' })
    const named = opened({ tenant, id: 'named', startedAt: at('08:00:00'), deploymentId: v1.id })
    await log.given(first, early, other, named, v1, resolved(first, at('11:00:00')), resolved(other, at('11:00:00')))
    const shown = {
      id: 'a/1',
      application: 'checkout',
      environment: 'production',
      deploymentId: v1.id,
      startedAt: at('10:30:00'),
      resolvedAt: at('11:00:00'),
      title: 'slow',
      url: 'https://example.com/1',
      recordedAt: '2026-11-21T12:00:00Z',
      position: expect.stringMatching(/^\d+:\d+$/),
      version: 2,
    }
    const all = await getIncidents('')
    expect(all.json).toEqual([
      expect.not.objectContaining({ deploymentId: expect.anything() }),
      shown,
      expect.not.objectContaining({ deploymentId: expect.anything() }),
      expect.objectContaining({ id: 'named', deploymentId: v1.id, application: 'checkout', environment: 'production' }),
    ])
    expect(idsOf(all)).toEqual(['other', 'a/1', 'early', 'named'])
    expect((await getIncidents('/a%2F1')).json).toEqual(shown)

    const filtered: [string, string[]][] = [
      ['application=search', ['other']],
      ['environment=Prod', ['other', 'a/1', 'early', 'named']],
      ['environment=dev', []],
      ['open=true', ['early', 'named']],
      ['open=false&application=checkout', ['a/1']],
      [`from=${at('09:00:00')}&to=${at('10:40:00')}`, ['a/1', 'early']],
      [`asOf=${at('10:35:00')}&open=true`, ['a/1', 'early', 'named']],
      [`asOf=${at('09:30:00')}`, ['early', 'named']],
      ['knownAt=2026-11-21T11:59:59Z', []],
    ]
    for (const [filter, ids] of filtered)
      expect([filter, idsOf(await getIncidents(`?${filter}`))]).toEqual([filter, ids])

    const pages: string[][] = []
    for (let next: string | undefined = '?environment=production&limit=3'; next !== undefined;) {
      const page: QueryResponse = await getIncidents(next)
      pages.push(idsOf(page))
      next = /^<\/api\/v1\/platform\/incidents(.*)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1]
    }
    expect(pages).toEqual([['other', 'a/1', 'early'], ['named']])
  })

  test('after a removal belong to the deployment that is active once the removed one is void', async () => {
    const older = here({ deployedAt: at('09:00:00') })
    const mistaken = here({ deployedAt: at('10:00:00') })
    const slot = { startedAt: at('11:30:00'), application: 'checkout', environment: 'prod' }
    const after = opened({ tenant, id: 'after', ...slot })
    const removedAt = at('11:00:00')
    const removed = afterwards(mistaken, { type: 'DeploymentRemoved', removedAt })
    await log.given(older, mistaken, removed, after)
    expect((await getIncidents('/after')).json).not.toHaveProperty('deploymentId')
    const reason = 'it never was'
    await log.given(afterwards(mistaken, { type: 'DeploymentVoided', reason }))
    expect((await getIncidents('/after')).json).toMatchObject({ deploymentId: older.id })
  })

  test('have a trail, are in the record of their deployment, and belong to one tenant', async () => {
    const v1 = here({ deployedAt: at('10:00:00') })
    const one = opened({ tenant, id: 'INC 1', startedAt: at('10:30:00'), title: 'down' })
    await log.given(v1, one, resolved(one, at('11:00:00')))
    const trail = await getIncidents('/INC%201/events')
    expect(trail.json).toMatchObject([
      { type: 'io.shiplog.incident.opened.v1', time: at('10:30:00'), data: { incidentId: 'INC 1', title: 'down' } },
      { type: 'io.shiplog.incident.resolved.v1', time: at('11:00:00'), data: { resolvedAt: at('11:00:00') } },
    ])
    const incident = { id: 'INC 1', startedAt: at('10:30:00'), resolvedAt: at('11:00:00'), title: 'down' }
    const record = (await get(v1.id)).json
    expect(record).toMatchObject({ status: 'DEPLOYED', active: true, incidents: [incident] })
    expect((await get(`${v1.id}?asOf=${at('10:45:00')}`)).json['incidents']).toEqual([
      { id: 'INC 1', startedAt: at('10:30:00'), title: 'down' },
    ])
    expect((await get(`${v1.id}?asOf=${at('10:15:00')}`)).json).not.toHaveProperty('incidents')
    const { status, headers } = await getIncidents('/INC%201')
    const again = await app.get(`${incidentsPath}/INC%201`, {
      'X-Tenant-ID': tenant,
      'If-None-Match': headers.get('etag')!,
    })
    expect([status, again.status]).toEqual([200, 304])
    for (const path of ['/INC%201', '/INC%201/events']) expect((await getIncidents(path, 'other')).status).toBe(404)
    expect((await getIncidents(`/INC%201?asOf=${at('10:29:59')}`)).status).toBe(404)
    expect((await getIncidents('', 'other')).json).toEqual([])
  })

  test.each([
    ['an unknown parameter', '?status=open', 'status'],
    ['an unknown word', '?open=yes', 'open'],
    ['a limit of 0', '?limit=0', 'limit'],
    ['a malformed cursor', '?cursor=abc', 'cursor'],
    ['an id that is too long', `/${'x'.repeat(129)}`, 'id'],
  ])('with %s are a 400', async (_, path, parameter) => {
    const { status, json } = await getIncidents(path)
    expect([status, json.errors[0].parameter]).toEqual([400, parameter])
  })
})

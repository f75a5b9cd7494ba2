import { at, tagsOf, Tenant, type Json } from '#test/specs/read-models/asking'
import { GivenLog, afterwards } from '#test/specs/read-models/given-log'
import { InvalidCursor } from '../../sql/cursor.js'
import { currentPage } from '../current/queries.js'
import { historyPage, type HistoryFilters } from './history-page.js'

let log: GivenLog
let tenant: Tenant

beforeAll(async () => {
  log = await GivenLog.start()
})
afterAll(() => log.end())
beforeEach(() => {
  tenant = new Tenant(log)
})

describe('historyPage', () => {
  test.each<[string, HistoryFilters, string[]]>([
    ['an application', { application: 'search' }, ['v4']],
    ['an environment with several names', { environment: 'production' }, ['v4', 'v2', 'v1']],
    ['an alias', { environment: 'prod' }, ['v4', 'v2', 'v1']],
    ['application and environment', { application: 'checkout', environment: 'prod' }, ['v2', 'v1']],
    ['an environment outside the pipeline', { environment: 'qa' }, ['v3']],
    ['a status', { status: ['FAILED'] }, ['v2']],
    ['several statuses', { status: ['FAILED', 'PENDING'] }, ['v3', 'v2']],
    ['several statuses with DEPLOYED', { status: ['DEPLOYED', 'PENDING'] }, ['v4', 'v3', 'v1']],
    ['a tag', { imageTag: 'v2' }, ['v2']],
    ['a commit', { gitCommit: 'c1' }, ['v1']],
    ['a branch', { gitBranch: 'main' }, ['v4', 'v1']],
    ['an actor', { actor: 'zoe' }, ['v3']],
    ['an inclusive start of the period', { from: at('10:02:00') }, ['v4', 'v3', 'v2']],
    ['an exclusive end of the period', { to: at('10:02:00') }, ['v1']],
    [
      'several fields at once',
      { application: 'checkout', status: ['DEPLOYED'], gitBranch: 'main', to: at('10:03:00') },
      ['v1'],
    ],
    ['an unknown application', { application: 'none' }, []],
  ])('filters by %s', async (_name, filters, expected) => {
    await log.given(
      tenant.recorded({
        imageTag: 'v1',
        environment: 'production',
        gitCommit: 'c1',
        gitBranch: 'main',
        deployedAt: at('10:01:00'),
      }),
      tenant.recorded({
        imageTag: 'v2',
        environment: 'prod',
        status: 'FAILED',
        gitBranch: 'x',
        deployedAt: at('10:02:00'),
      }),
      tenant.recorded({
        imageTag: 'v3',
        environment: 'qa',
        status: 'PENDING',
        actor: 'zoe',
        deployedAt: at('10:03:00'),
      }),
      tenant.recorded({ imageTag: 'v4', application: 'search', gitBranch: 'main', deployedAt: at('10:04:00') }),
    )
    expect(tagsOf(await tenant.history(filters))).toEqual(expected)
  })

  test.each([1, 2, 3, 10, 50, 51, 100, 500])(
    'returns the same records in pages of %i, also across equal starts',
    async limit => {
      // given: many starts at the same instant, in several partitions
      const applications = ['a', 'b', 'c', 'd', 'e']
      const deployments = Array.from({ length: 130 }, (_, n) =>
        tenant.recorded({
          application: applications[n % 5]!,
          imageTag: `v${n}`,
          deployedAt: at(`10:0${Math.floor(n / 40)}:00`),
        }),
      )
      await log.given(...deployments)
      const whole = await tenant.history()
      expect(whole).toHaveLength(130)

      // when
      const pages: string[][] = []
      let cursor: string | undefined
      do {
        const { body } = await historyPage(log.query, { tenant: tenant.name, filters: {}, limit, cursor })
        pages.push((JSON.parse(body.json) as { id: string }[]).map(({ id }) => id))
        cursor = body.next
      } while (cursor !== undefined)

      // then
      expect(pages.flat()).toEqual(whole.map(({ id }) => id))
      expect(pages.slice(0, -1).every(page => page.length === limit)).toBe(true)
      expect(pages.at(-1)!.length).toBeGreaterThan(0)
    },
  )

  test('orders equal starts by partition, then newest first, and keeps the order after later events', async () => {
    const events = ['a', 'b', 'c', 'a', 'b', 'c'].map((application, n) =>
      tenant.recorded({ application, imageTag: `v${n}` }),
    )
    await log.given(...events)
    const before = await tenant.history()
    const positions = before.map(({ position }) => String(position).split(':').map(Number) as [number, number])
    expect(positions).toEqual(positions.toSorted(([p, s], [q, t]) => p - q || t - s))

    await log.given(afterwards(events[0]!, { type: 'DeploymentRolledBack', rolledBackAt: at('12:00:00') }))
    expect(tagsOf(await tenant.history())).toEqual(tagsOf(before))
  })

  test('rejects a cursor of other filters or of another list, and a forged one', async () => {
    await log.given(tenant.recorded({ imageTag: 'v1' }), tenant.recorded({ imageTag: 'v2' }))
    const { body } = await historyPage(log.query, { tenant: tenant.name, filters: {}, limit: 1 })
    const ask = (cursor: string, filters: HistoryFilters = {}) =>
      historyPage(log.query, { tenant: tenant.name, filters, limit: 1, cursor })
    const second = await ask(body.next!)
    expect(tagsOf([body.json, second.body.json].flatMap(json => JSON.parse(json) as Json[]))).toEqual(['v2', 'v1'])
    await expect(ask(body.next!, { environment: 'prod' })).rejects.toThrow(InvalidCursor)
    await expect(
      currentPage(log.query, { tenant: tenant.name, filters: {}, limit: 1, cursor: body.next! }),
    ).rejects.toThrow(InvalidCursor)
    const parts = JSON.parse(Buffer.from(body.next!, 'base64url').toString()) as unknown[]
    const forged = (...cursorKey: unknown[]) =>
      Buffer.from(JSON.stringify([parts[0], ...cursorKey])).toString('base64url')
    for (const cursor of [
      '',
      'x',
      'e30',
      forged(),
      forged(1, 2),
      forged('2026', '1'),
      forged(at('10:00:00'), '1e3'),
      forged(at('10:00:00'), '9223372036854775808'),
      forged(at('10:00:00'), '1', '2'),
      forged('a\0', '1'),
    ]) {
      await expect(ask(cursor)).rejects.toThrow(InvalidCursor)
    }
  })
})

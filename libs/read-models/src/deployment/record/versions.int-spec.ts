import { at, tagsOf, Tenant } from '#test/specs/read-models/asking'
import { GivenLog, afterwards, type GivenEvent } from '#test/specs/read-models/given-log'
import type { QueryResult, Page } from '../../sql/query-result.js'
import { InvalidCursor } from '../../sql/cursor.js'
import { currentPage } from '../current/queries.js'
import { historyPage } from '../history/history-page.js'

let log: GivenLog
let tenant: Tenant

beforeAll(async () => {
  log = await GivenLog.start()
})
afterAll(() => log.end())
beforeEach(() => {
  tenant = new Tenant(log)
})

const recordedAt = (time: string, event: GivenEvent): GivenEvent => ({ ...event, recordedTime: at(time) })

describe('queries with asOf', () => {
  test('include a deployment from its start on, as PENDING until its finish', async () => {
    await log.given(
      tenant.recorded({ imageTag: 'v1', deployedAt: at('10:00:00'), completedAt: at('10:05:00') }),
      tenant.recorded({ imageTag: 'v2', deployedAt: at('11:00:00'), completedAt: at('11:05:00'), status: 'FAILED' }),
    )
    const visible = async (time: string) =>
      (await tenant.history({}, { asOf: at(time) })).map(({ imageTag, status, completedAt }) => [
        imageTag,
        status,
        completedAt,
      ])
    expect(await visible('09:59:59.999')).toEqual([])
    expect(await visible('10:00:00')).toEqual([['v1', 'PENDING', undefined]])
    expect(await visible('10:05:00')).toEqual([['v1', 'DEPLOYED', at('10:05:00')]])
    expect(await visible('11:04:59')).toEqual([
      ['v2', 'PENDING', undefined],
      ['v1', 'DEPLOYED', at('10:05:00')],
    ])
    expect((await visible('11:05:00'))[0]).toEqual(['v2', 'FAILED', at('11:05:00')])
  })

  test('return the status before a later rollback; a rollback without a time counts from the finish on', async () => {
    const deployed = tenant.recorded({ imageTag: 'v1', deployedAt: at('10:00:00'), completedAt: at('10:05:00') })
    const failed = tenant.recorded({ imageTag: 'v2', deployedAt: at('10:10:00'), status: 'FAILED' })
    const mark = { type: 'DeploymentRolledBack' as const, rolledBackAt: at('12:00:00'), reason: 'errors' }
    await log.given(deployed, failed, afterwards(deployed, mark), afterwards(failed, mark))
    await log.given(
      tenant.recorded({
        imageTag: 'v3',
        deployedAt: at('10:20:00'),
        completedAt: at('10:25:00'),
        status: 'ROLLED_BACK',
      }),
    )
    const visible = async (time: string) =>
      (await tenant.history({}, { asOf: at(time) })).map(({ status, rolledBackAt, rollbackReason }) =>
        [status, rolledBackAt, rollbackReason].filter(value => value !== undefined).join(' '),
      )
    expect(await visible('10:20:00')).toEqual(['PENDING', 'FAILED', 'DEPLOYED'])
    expect(await visible('11:59:59.999')).toEqual(['ROLLED_BACK', 'FAILED', 'DEPLOYED'])
    const marked = `ROLLED_BACK ${at('12:00:00')} errors`
    expect(await visible('12:00:00')).toEqual(['ROLLED_BACK', marked, marked])
  })

  test('return the last status before the rollback of a deployment that had not succeeded', async () => {
    const start = at('10:00:00')
    const corrected = (to: 'FAILED' | 'PENDING') => ({
      type: 'DeploymentCorrected' as const,
      corrections: [{ field: 'status' as const, after: to }],
      reason: 'it was not so',
    })
    const pending = tenant.recorded({ imageTag: 'v1', deployedAt: start, status: 'PENDING' })
    const completed = tenant.recorded({ imageTag: 'v2', deployedAt: start, status: 'PENDING' })
    const failed = tenant.recorded({ imageTag: 'v3', deployedAt: start })
    const reopened = tenant.recorded({ imageTag: 'v4', deployedAt: start, status: 'FAILED' })
    const all = [pending, completed, failed, reopened]
    const mark = { type: 'DeploymentRolledBack' as const, rolledBackAt: at('12:00:00') }
    await log.given(
      ...all,
      afterwards(completed, { type: 'DeploymentCompleted', status: 'FAILED', completedAt: at('11:00:00') }),
      afterwards(failed, corrected('FAILED')),
      afterwards(reopened, corrected('PENDING')),
      ...all.map(event => afterwards(event, mark)),
      afterwards(pending, {
        type: 'DeploymentCorrected',
        corrections: [{ field: 'notes', after: 'x' }],
        reason: 'why',
      }),
    )
    const visible = async (time: string) => {
      const records = await tenant.history({}, { asOf: at(time) })
      return Object.fromEntries(records.map(({ imageTag, status }) => [imageTag, status]))
    }
    expect(await visible('11:30:00')).toEqual({ v1: 'PENDING', v2: 'FAILED', v3: 'FAILED', v4: 'PENDING' })
    const rolledBack = 'ROLLED_BACK'
    expect(await visible('12:00:00')).toEqual({ v1: rolledBack, v2: rolledBack, v3: rolledBack, v4: rolledBack })
  })

  test('return as current the success that started last and was not rolled back by then', async () => {
    const [v1, v2] = [
      tenant.recorded({ imageTag: 'v1', deployedAt: at('10:00:00'), completedAt: at('10:30:00') }),
      tenant.recorded({ imageTag: 'v2', deployedAt: at('10:10:00'), completedAt: at('10:20:00') }),
    ]
    await log.given(v1, v2, tenant.recorded({ imageTag: 'dev', environment: 'dev', deployedAt: at('11:00:00') }))
    await log.given(afterwards(v2, { type: 'DeploymentRolledBack', rolledBackAt: at('12:00:00') }))
    await log.given(afterwards(v1, { type: 'DeploymentRolledBack', rolledBackAt: at('13:00:00') }))
    const visible = async (time: string) => tagsOf(await tenant.current({}, { asOf: at(time) }))
    expect(await visible('10:19:59')).toEqual([])
    expect(await visible('10:20:00')).toEqual(['v2'])
    expect(await visible('11:00:00')).toEqual(['dev', 'v2'])
    expect(await visible('12:00:00')).toEqual(['dev', 'v1'])
    // Nothing is active in the slot now, so that deployment_current has no row of it.
    expect(await visible('13:00:00')).toEqual(['dev'])
    expect(tagsOf(await tenant.current())).toEqual(['dev'])
  })

  test('return overtakenBy, contestedBy and rollbackOf as they were then', async () => {
    const v1 = tenant.recorded({ imageTag: 'v1', deployedAt: at('09:00:00'), completedAt: at('09:01:00') })
    const slow = tenant.recorded({ imageTag: 'slow', deployedAt: at('10:00:00'), completedAt: at('10:30:00') })
    const quick = tenant.recorded({ imageTag: 'quick', deployedAt: at('10:10:00'), completedAt: at('10:20:00') })
    const again = tenant.recorded({ imageTag: 'v1', deployedAt: at('11:00:00'), completedAt: at('11:01:00') })
    await log.given(v1, slow, quick, again)
    const visible = (id: string, time: string) => tenant.find(id, { asOf: at(time) })
    expect(await visible(quick.id, '10:29:59')).toMatchObject({ active: true })
    expect(await visible(quick.id, '10:29:59')).not.toHaveProperty('contestedBy')
    expect(await visible(quick.id, '10:30:00')).toMatchObject({ active: true, contestedBy: slow.id })
    expect(await visible(slow.id, '10:29:59')).not.toHaveProperty('overtakenBy')
    expect(await visible(slow.id, '10:30:00')).toMatchObject({ active: false, overtakenBy: quick.id })
    expect(await visible(again.id, '11:00:59')).toMatchObject({ status: 'PENDING', active: false })
    expect(await visible(again.id, '11:00:59')).not.toHaveProperty('rollbackOf')
    expect(await visible(again.id, '11:01:00')).toMatchObject({ rollbackOf: quick.id, rollbackDetected: 'inferred' })
    expect(await visible(again.id, '10:59:59')).toBeUndefined()
  })
})

describe('queries with knownAt', () => {
  test('return each deployment by its events until then, through two corrections', async () => {
    const one = tenant.recorded({ gitCommit: 'a', deployedAt: at('10:00:00'), recordedTime: at('10:01:00') })
    const correct = (before: string, after: string) =>
      afterwards(one, {
        type: 'DeploymentCorrected',
        corrections: [{ field: 'gitCommit', before, after }],
        reason: 'a typo',
      })
    await log.given(one, recordedAt('11:00:00', correct('a', 'b')), recordedAt('12:00:00', correct('b', 'c')))
    const visible = async (time: string) =>
      (await tenant.history({}, { knownAt: at(time) })).map(({ gitCommit, version }) => [gitCommit, version])
    expect(await visible('10:00:59')).toEqual([])
    expect(await visible('10:01:00')).toEqual([['a', 1]])
    expect(await visible('11:59:59')).toEqual([['b', 2]])
    expect(await visible('12:00:00')).toEqual([['c', 3]])
    const filtered = (gitCommit: string) => tenant.history({ gitCommit }, { knownAt: at('11:30:00') })
    expect([(await filtered('b')).length, (await filtered('c')).length]).toEqual([1, 0])
  })

  test('omit a late deployment before the time at which it was recorded', async () => {
    const [v1, v2] = [
      tenant.recorded({ imageTag: 'v1', deployedAt: at('10:00:00'), recordedTime: at('10:00:01') }),
      tenant.recorded({ imageTag: 'v2', deployedAt: at('10:30:00'), recordedTime: at('14:00:00') }),
    ]
    await log.given(v1, v2)
    const currentTags = async (moment: object) => tagsOf(await tenant.current({}, moment))
    expect(await currentTags({ knownAt: at('13:00:00') })).toEqual(['v1'])
    expect(await currentTags({ asOf: at('13:00:00') })).toEqual(['v2'])
    expect(await currentTags({ asOf: at('13:00:00'), knownAt: at('13:00:00') })).toEqual(['v1'])
    expect(await currentTags({ asOf: at('10:15:00'), knownAt: at('14:00:00') })).toEqual(['v1'])
    expect(await currentTags({ knownAt: at('10:00:00') })).toEqual([])
  })

  test('return as current a deployment whose rollback was recorded later', async () => {
    const v1 = tenant.recorded({ imageTag: 'v1', deployedAt: at('10:00:00'), recordedTime: at('10:00:00') })
    const v2 = tenant.recorded({ imageTag: 'v2', deployedAt: at('11:00:00'), recordedTime: at('11:00:00') })
    const mark = afterwards(v2, { type: 'DeploymentRolledBack', rolledBackAt: at('11:30:00') })
    await log.given(v1, v2, recordedAt('12:00:00', mark))
    const currentTags = async (moment: object) => tagsOf(await tenant.current({}, moment))
    expect(await currentTags({ knownAt: at('11:59:00') })).toEqual(['v2'])
    expect(await currentTags({ asOf: at('11:45:00'), knownAt: at('11:59:00') })).toEqual(['v2'])
    expect(await currentTags({ asOf: at('11:45:00') })).toEqual(['v1'])
    expect(await currentTags({ asOf: at('11:29:00') })).toEqual(['v2'])
    expect(await tenant.history({ status: ['ROLLED_BACK'] }, { knownAt: at('11:59:00') })).toEqual([])
    expect(tagsOf(await tenant.history({ status: ['ROLLED_BACK'] }, { knownAt: at('12:00:00') }))).toEqual(['v2'])
  })
})

describe('a removed deployment', () => {
  test('has the time from then on, and nothing is active there until the next success', async () => {
    const [v1, v2] = [
      tenant.recorded({ imageTag: 'v1', deployedAt: at('09:00:00'), recordedTime: at('09:00:01') }),
      tenant.recorded({ imageTag: 'v2', deployedAt: at('10:00:00'), recordedTime: at('10:00:01') }),
    ]
    const removal = afterwards(v2, { type: 'DeploymentRemoved', removedAt: at('11:00:00'), reason: 'moved' })
    await log.given(v1, v2, recordedAt('12:00:00', removal))
    const current = async (moment?: object) => tagsOf(await tenant.current({}, moment))
    expect(await current()).toEqual([])
    expect(await current({ asOf: at('10:59:59') })).toEqual(['v2'])
    expect(await current({ asOf: at('11:00:00') })).toEqual([])
    expect(await current({ knownAt: at('11:59:59') })).toEqual(['v2'])
    expect(await current({ knownAt: at('12:00:00') })).toEqual([])
    expect(await current({ asOf: at('10:30:00'), knownAt: at('12:00:00') })).toEqual(['v2'])
    const find = (moment?: object) => tenant.find(v2.id, moment)
    expect(await find()).toMatchObject({ status: 'DEPLOYED', active: false, removedAt: at('11:00:00') })
    for (const moment of [{ asOf: at('10:59:59') }, { knownAt: at('11:59:59') }]) {
      expect(await find(moment)).toMatchObject({ status: 'DEPLOYED', active: true })
      expect(await find(moment)).not.toHaveProperty('removedAt')
    }

    // when: the next success
    const v3 = tenant.recorded({ imageTag: 'v2', deployedAt: at('13:00:00'), recordedTime: at('13:00:01') })
    await log.given(v3)
    expect(await tenant.current()).toMatchObject([{ id: v3.id, runningSince: at('13:00:00') }])
    expect(await current({ asOf: at('12:59:59') })).toEqual([])
    // and: it is rolled back
    await log.given(
      recordedAt('15:00:00', afterwards(v3, { type: 'DeploymentRolledBack', rolledBackAt: at('14:00:00') })),
    )
    expect(await current()).toEqual([])
    expect(await current({ asOf: at('13:59:59') })).toEqual(['v2'])
    expect(await current({ knownAt: at('15:00:00') })).toEqual([])
  })

  test('contests none', async () => {
    const slow = tenant.recorded({ imageTag: 'v1', deployedAt: at('09:00:00'), completedAt: at('12:00:00') })
    const quick = tenant.recorded({ imageTag: 'v2', deployedAt: at('10:00:00'), completedAt: at('10:30:00') })
    await log.given(slow, quick)
    expect(await tenant.current()).toMatchObject([{ id: quick.id, contestedBy: slow.id }])
    await log.given(afterwards(slow, { type: 'DeploymentRemoved', removedAt: at('13:00:00') }))
    for (const moment of [{}, { asOf: at('13:00:00') }])
      expect((await tenant.current({}, moment))[0]).not.toHaveProperty('contestedBy')
    expect(await tenant.current({}, { asOf: at('12:59:59') })).toMatchObject([{ contestedBy: slow.id }])
  })
})

describe('pages with asOf', () => {
  test.each([1, 2, 3, 7])('return the same current deployments in pages of %i', async limit => {
    // given: slots without an active deployment then, at the beginning, in between and at the end
    const deployments = ['a', 'b', 'c', 'd', 'e', 'f'].flatMap((application, n) =>
      ['dev', 'qa', 'production'].map(environment =>
        tenant.recorded({ application, environment, deployedAt: at(n % 2 === 0 ? '12:00:00' : '10:00:00') }),
      ),
    )
    await log.given(...deployments)
    const visible: string[] = []
    let cursor: string | undefined
    do {
      const moment = { asOf: at('11:00:00') }
      const { body } = await currentPage(log.query, { tenant: tenant.name, filters: {}, moment, limit, cursor })
      const records = JSON.parse(body.json) as { application: string; environment: string }[]
      visible.push(...records.map(({ application, environment }) => `${application} ${environment}`))
      cursor = body.next
    } while (cursor !== undefined)
    expect(visible).toEqual(['b', 'd', 'f'].flatMap(a => ['dev', 'production', 'qa'].map(e => `${a} ${e}`)))
    const filtered = async (filters: object) => (await tenant.current(filters, { asOf: at('11:00:00') })).length
    expect(await filtered({ application: 'b' })).toBe(3)
    expect(await filtered({ application: 'a' })).toBe(0)
    expect(await filtered({ environment: 'prod' })).toBe(3)
    expect(await filtered({ application: 'd', environment: 'qa' })).toBe(1)
  })

  test('reject a cursor of another asOf or knownAt', async () => {
    const deployments = ['a', 'b'].map(application => tenant.recorded({ application, recordedTime: at('10:00:00') }))
    await log.given(...deployments)
    const request = { tenant: tenant.name, filters: {}, limit: 1 }
    const applicationsOf = ({ body }: QueryResult<Page>) =>
      (JSON.parse(body.json) as { application: string }[]).map(({ application }) => application)
    for (const page of [currentPage, historyPage]) {
      const moment = { asOf: at('11:00:00') }
      const first = await page(log.query, { ...request, moment })
      const cursor = first.body.next!
      const second = await page(log.query, { ...request, moment, cursor })
      expect([...applicationsOf(first), ...applicationsOf(second)].toSorted()).toEqual(['a', 'b'])
      for (const other of [{}, { knownAt: at('11:00:00') }, { ...moment, knownAt: at('11:00:00') }]) {
        await expect(page(log.query, { ...request, moment: other, cursor })).rejects.toThrow(InvalidCursor)
      }
    }
  })
})

import { at, Tenant } from '#test/specs/read-models/asking'
import { Decided } from '#test/specs/read-models/decided'
import { afterwards, GivenLog, type GivenEvent } from '#test/specs/read-models/given-log'
import type { DriftComparison, DriftRow } from '#libs/api'
import { environmentDrift } from '../index.js'

let log: GivenLog
let tenant: Tenant

beforeAll(async () => {
  log = await GivenLog.start()
})
afterAll(() => log.end())
beforeEach(() => {
  tenant = new Tenant(log)
})

type DriftRequest = Partial<Parameters<typeof environmentDrift>[1]>

/** All pages of a drift of staging and production, as one. */
async function drift(requested: DriftRequest = {}): Promise<DriftComparison> {
  const applications: DriftRow[] = []
  for (let cursor: string | undefined; ;) {
    const { body } = await environmentDrift(log.query, {
      tenant: tenant.name,
      source: 'staging',
      target: 'production',
      limit: 500,
      cursor,
      ...requested,
    })
    if (body.unknown) throw new Error(`unknown: ${body.unknown.join()}`)
    applications.push(...body.drift.applications)
    if (body.next === undefined) return { ...body.drift, applications }
    cursor = body.next
  }
}

const rows = async (requested: DriftRequest = {}) => (await drift(requested)).applications
const only = async (requested: DriftRequest = {}) => (await rows(requested))[0]!

function deployed(environment: string, imageTag: string, time: string, more: object = {}) {
  return tenant.recorded({ environment, imageTag, deployedAt: at(time), ...more })
}
const staging = (imageTag: string, time: string, more?: object) => deployed('staging', imageTag, time, more)
const production = (imageTag: string, time: string, more?: object) => deployed('prod', imageTag, time, more)
const rolledBack = (event: GivenEvent, time: string, recordedTime?: string) => ({
  ...afterwards(event, { type: 'DeploymentRolledBack', rolledBackAt: at(time) }),
  ...(recordedTime !== undefined && { recordedTime }),
})

describe('environmentDrift after a removal', () => {
  const removed = (event: GivenEvent, time: string) =>
    afterwards(event, { type: 'DeploymentRemoved', removedAt: at(time) })

  test('begins with the removal, which is the cause, and ends with the next success of the tag', async () => {
    const [there, gone] = [staging('v1', '08:00:00'), production('v1', '09:00:00')]
    await log.given(there, gone)
    expect(await only()).toMatchObject({ state: 'same' })
    await log.given(removed(gone, '10:00:00'))
    const cause = { deploymentId: gone.id, environment: 'production', imageTag: 'v1', removed: true }
    const expected = { state: 'onlyInSource', since: at('10:00:00'), cause }
    for (const moment of [{}, { asOf: at('11:00:00') }, { knownAt: '2030-01-01T00:00:00Z' }]) {
      const row = await only(moment)
      expect(row).toMatchObject(expected)
      expect(row).not.toHaveProperty('target')
    }
    expect(await only({ asOf: at('09:59:59') })).toMatchObject({ state: 'same' })
    await log.given(production('v1', '12:00:00'))
    expect(await only()).toMatchObject({ state: 'same' })
    expect(await only({ asOf: at('11:00:00') })).toMatchObject(expected)
  })

  test('does not bring back the one before, neither then nor when a newer one is rolled back', async () => {
    const [v1, v2] = [production('v1', '08:00:00'), production('v2', '09:00:00')]
    await log.given(staging('v1', '08:00:00'), v1, v2, removed(v2, '10:00:00'))
    expect(await only()).toMatchObject({ state: 'onlyInSource' })
    const v3 = production('v3', '11:00:00')
    await log.given(v3, rolledBack(v3, '12:00:00'))
    const row = await only()
    // The stretch in which both differ began with v2, which other tags did not break.
    expect(row).toMatchObject({ state: 'onlyInSource', since: at('09:00:00'), cause: { deploymentId: v2.id } })
    expect(row.cause).not.toHaveProperty('removed')
    expect(await only({ asOf: at('11:30:00') })).toMatchObject({ state: 'different', target: { imageTag: 'v3' } })
  })

  test('changes only the past if a newer success has come since, and gives no row without either side', async () => {
    const [v1, there] = [production('v1', '08:00:00'), staging('v2', '08:00:00')]
    await log.given(there, v1, production('v2', '10:00:00'), removed(v1, '09:00:00'))
    expect(await only()).toMatchObject({ state: 'same' })
    expect(await only({ asOf: at('09:30:00') })).toMatchObject({ state: 'onlyInSource' })
    await log.given(removed(there, '09:10:00'))
    expect(await rows({ asOf: at('09:30:00') })).toEqual([])
  })
})

describe('environmentDrift of one application', () => {
  test('returns both active deployments, and the start, cause and distance in tags of their difference', async () => {
    const [v1, v2, v3] = [staging('v1', '08:00:00'), staging('v2', '10:00:00'), staging('v3', '11:00:00')]
    const inProduction = production('v1', '09:00:00')
    await log.given(v1, v2, v3, inProduction)
    const { applications, ...head } = await drift({ source: 'stage', asOf: at('12:00:00.5') })
    expect(head).toMatchObject({ source: 'staging', target: 'production', asOf: at('12:00:00.500') })
    expect(applications).toEqual([
      {
        application: 'checkout',
        source: { imageTag: 'v3', deploymentId: v3.id, deployedAt: at('11:00:00') },
        target: { imageTag: 'v1', deploymentId: inProduction.id, deployedAt: at('09:00:00') },
        state: 'different',
        since: at('10:00:00'),
        ageSeconds: 7200.5,
        cause: { deploymentId: v2.id, environment: 'staging', imageTag: 'v2' },
        aheadBy: 2,
        direction: 'ahead',
      },
    ])

    // then: the earlier states, at the instants of the changes
    expect(await only({ asOf: at('10:00:00') })).toMatchObject({ state: 'different', ageSeconds: 0, aheadBy: 1 })
    expect(await only({ asOf: at('09:59:59.999') })).toEqual({
      application: 'checkout',
      source: { imageTag: 'v1', deploymentId: v1.id, deployedAt: at('08:00:00') },
      target: applications[0]!.target,
      state: 'same',
    })
    expect(await only({ asOf: at('08:30:00') })).toEqual({
      application: 'checkout',
      source: { imageTag: 'v1', deploymentId: v1.id, deployedAt: at('08:00:00') },
      state: 'onlyInSource',
      since: at('08:00:00'),
      ageSeconds: 1800,
      cause: { deploymentId: v1.id, environment: 'staging', imageTag: 'v1' },
    })
    expect(await rows({ asOf: at('07:00:00') })).toEqual([])
  })

  test('is computed for the present without asOf, and includes a success that finishes in the future', async () => {
    await log.given(staging('v1', '08:00:00'), staging('v2', '08:30:00', { completedAt: '2126-01-01T00:00:00Z' }))
    const before = Date.now()
    const { asOf, applications } = await drift()
    expect(Date.parse(asOf)).toBeGreaterThan(before - 60_000)
    expect(applications).toMatchObject([{ source: { imageTag: 'v2' }, since: at('08:00:00') }])
    expect(applications[0]!.ageSeconds).toBe((Date.parse(asOf) - Date.parse(at('08:00:00'))) / 1000)
  })

  test('starts at a rollback, with the deployment that was rolled back as its cause', async () => {
    const v2 = staging('v2', '10:00:00')
    await log.given(staging('v1', '08:00:00'), production('v1', '09:00:00'), v2, production('v2', '11:00:00'))
    expect(await only()).toMatchObject({ state: 'same' })
    await log.given(rolledBack(v2, '12:00:00'))
    expect(await only()).toMatchObject({
      source: { imageTag: 'v1' },
      since: at('12:00:00'),
      cause: { deploymentId: v2.id, environment: 'staging', imageTag: 'v2' },
      // Each environment has had the tag of the other.
      aheadBy: 1,
      direction: 'diverged',
    })
    expect(await only({ asOf: at('11:30:00') })).toMatchObject({ state: 'same' })
  })

  test('ends while neither environment has an active deployment', async () => {
    const [here, there] = [staging('v1', '08:00:00'), production('v2', '08:00:00')]
    await log.given(here, there, rolledBack(here, '09:00:00'), rolledBack(there, '09:00:00'))
    expect(await rows()).toEqual([])
    await log.given(production('v3', '10:00:00'))
    expect(await only()).toMatchObject({ state: 'onlyInTarget', since: at('10:00:00') })
  })

  test('names the later change in the log as the cause where both environments change at one instant', async () => {
    const last = staging('v2', '10:00:00')
    await log.given(staging('v1', '08:00:00'), production('v1', '08:00:00'), production('v3', '10:00:00'), last)
    expect(await only()).toMatchObject({
      since: at('10:00:00'),
      cause: { deploymentId: last.id, environment: 'staging' },
    })
  })

  test('is computed with knownAt from what had been recorded by then', async () => {
    const early = { recordedTime: at('12:00:00') }
    const late = { recordedTime: at('14:00:00') }
    const v2 = staging('v2', '10:00:00', early)
    await log.given(
      staging('v1', '08:00:00', early),
      production('v1', '09:00:00', early),
      v2,
      staging('v3', '09:30:00', late),
      rolledBack(v2, '11:00:00', at('13:00:00')),
    )
    const known = (time: string, asOf?: string) => only({ knownAt: at(time), ...(asOf && { asOf: at(asOf) }) })
    expect(await rows({ knownAt: at('11:59:59') })).toEqual([])
    expect(await known('12:00:00')).toMatchObject({ source: { imageTag: 'v2' }, since: at('10:00:00'), aheadBy: 1 })
    expect(await known('13:00:00')).toMatchObject({ source: { imageTag: 'v1' }, state: 'same' })
    expect(await known('13:00:00', '10:30:00')).toMatchObject({ source: { imageTag: 'v2' }, ageSeconds: 1800 })
    expect(await known('14:00:00')).toMatchObject({ source: { imageTag: 'v3' }, since: at('09:30:00'), aheadBy: 2 })
    expect(await known('14:00:00')).toMatchObject(
      await only({ asOf: undefined }).then(({ ageSeconds: _, ...row }) => row),
    )
  })

  test('finds the start of the difference and the tag of the target 150 deployments back', async () => {
    const many = Array.from({ length: 150 }, (_, n) =>
      staging(`v${n + 2}`, `10:${String(Math.floor(n / 60)).padStart(2, '0')}:${String(n % 60).padStart(2, '0')}`),
    )
    await log.given(production('v1', '08:00:00'), staging('v1', '08:00:00'), ...many)
    expect(await only()).toMatchObject({ since: at('10:00:00'), aheadBy: 150, cause: { deploymentId: many[0]!.id } })
    await log.given(production('other', '11:00:00'))
    expect(await only()).toMatchObject({ since: at('10:00:00'), direction: 'diverged' })
    await log.given(production('v100', '12:00:00'))
    expect(await only()).toMatchObject({ since: at('10:00:00'), aheadBy: 51, direction: 'ahead' })
  })
})

describe('environmentDrift of two environments', () => {
  beforeEach(async () => {
    await log.given(
      ...['a', 'B', 'c', 'd', 'e'].flatMap((application, n) => [
        staging('v1', '08:00:00', { application }),
        production(n % 2 ? 'v1' : 'v0', '08:00:00', { application }),
      ]),
      staging('v1', '09:00:00', { application: 'alone' }),
      deployed('dev', 'v1', '09:00:00', { application: 'elsewhere' }),
    )
  })

  test.each([{}, { knownAt: '2026-12-01T00:00:00Z' }])(
    'is filtered and paged in code point order (%p)',
    async known => {
      const names = async (requested: DriftRequest) =>
        (await rows({ ...known, ...requested })).map(({ application }) => application)
      for (const limit of [1, 2, 500]) {
        expect(await names({ limit })).toEqual(['B', 'a', 'alone', 'c', 'd', 'e'])
        expect(await names({ limit, onlyDiffering: true })).toEqual(['a', 'alone', 'c', 'e'])
      }
      expect(await names({ application: 'c' })).toEqual(['c'])
      expect(await names({ application: 'nothing' })).toEqual([])
      expect(await names({ source: 'production' })).toEqual(['B', 'a', 'c', 'd', 'e'])
      expect(await names({ source: 'prod', onlyDiffering: true })).toEqual([])
    },
  )

  test('reports an environment as unknown unless the pipeline, a deployment or a configuration has it', async () => {
    const ask = (target: string) =>
      environmentDrift(log.query, { tenant: tenant.name, source: 'qa', target, limit: 1 }).then(
        ({ body }) => body.unknown,
      )
    expect(await ask('dev')).toEqual(['qa'])
    expect(await ask('nowhere')).toEqual(['qa', 'nowhere'])
    await log.given(deployed('qa', 'v1', '10:00:00', { status: 'FAILED' }))
    expect(await ask('nowhere')).toEqual(['nowhere'])
    await log.given(...new Decided(tenant.name).set('nowhere', { a: 1 }))
    expect(await ask('nowhere')).toBeUndefined()
  })

  test('counts differences of configuration and flags, and names the oldest', async () => {
    const decided = new Decided(tenant.name)
    decided.now = at('10:00:00')
    await log.given(
      ...decided.set('staging', { a: 1, b: 1, same: 1 }),
      ...decided.set('production', { b: 2, same: 1, z: 1 }),
    )
    decided.now = at('11:00:00')
    await log.given(
      ...decided.set('staging', { a: 2 }),
      ...decided.set('staging', { 'new-search': { enabled: true } }, 'flag'),
    )
    expect(await drift({ asOf: at('12:00:00') })).toMatchObject({
      configuration: {
        added: 1,
        modified: 1,
        removed: 1,
        unchanged: 1,
        oldest: { key: 'a', since: at('10:00:00'), ageSeconds: 7200 },
      },
      flags: { added: 1, modified: 0, removed: 0, unchanged: 0, oldest: { key: 'new-search', since: at('11:00:00') } },
    })
    const { configuration } = await drift({ asOf: at('09:00:00'), knownAt: at('09:00:00') })
    expect(configuration).toEqual({ added: 0, modified: 0, removed: 0, unchanged: 0 })
  })
})

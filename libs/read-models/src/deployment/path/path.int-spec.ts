import { at, Tenant, type Json } from '#test/specs/read-models/asking'
import { Decided } from '#test/specs/read-models/decided'
import { GivenLog, afterwards } from '#test/specs/read-models/given-log'
import type { AsOf } from '../../sql/as-of.js'
import { commitPath, tagPath } from './queries.js'

let log: GivenLog
let tenant: Tenant

beforeAll(async () => {
  log = await GivenLog.start()
})
afterAll(() => log.end())
beforeEach(() => {
  tenant = new Tenant(log)
})

const parse = (json: string | undefined) => (json === undefined ? undefined : (JSON.parse(json) as Json[]))

async function pathOf(imageTag: string, filter: { application?: string; moment?: AsOf } = {}) {
  return parse((await tagPath(log.query, { tenant: tenant.name, imageTag, limit: 500, ...filter })).body?.json)
}

async function commitPathOf(sha: string, filter: { application?: string; moment?: AsOf } = {}) {
  return parse((await commitPath(log.query, { tenant: tenant.name, sha, limit: 500, ...filter })).body?.json)
}

describe('tagPath', () => {
  test('returns the first success in each environment, in pipeline order, with the environment before it', async () => {
    const dev = tenant.recorded({ environment: 'development', deployedAt: at('10:00:00') })
    const prod = tenant.recorded({ environment: 'prod', deployedAt: at('10:30:00.500'), completedAt: at('10:40:00') })
    const qa = tenant.recorded({ environment: 'qa', deployedAt: at('10:10:00') })
    await log.given(
      tenant.recorded({ environment: 'prod', deployedAt: at('11:00:00') }),
      prod,
      qa,
      tenant.recorded({ environment: 'Alpha', deployedAt: at('10:20:00') }),
      dev,
      tenant.recorded({ environment: 'staging', deployedAt: at('10:05:00'), status: 'FAILED' }),
      tenant.recorded({ environment: 'staging', deployedAt: at('10:06:00'), status: 'PENDING' }),
    )
    expect(await pathOf('v1')).toEqual([
      {
        application: 'checkout',
        environment: 'dev',
        deploymentId: dev.id,
        firstDeployedAt: at('10:00:00'),
        active: true,
      },
      {
        application: 'checkout',
        environment: 'production',
        deploymentId: prod.id,
        firstDeployedAt: at('10:30:00.500'),
        from: 'dev',
        secondsAfterPrevious: 1800.5,
        active: true,
      },
      expect.objectContaining({ environment: 'alpha' }),
      {
        application: 'checkout',
        environment: 'qa',
        deploymentId: qa.id,
        firstDeployedAt: at('10:10:00'),
        active: true,
      },
    ])
  })

  test('names a previous environment only where the tag had succeeded by then, that instant included', async () => {
    await log.given(
      tenant.recorded({ environment: 'dev', deployedAt: at('10:00:00') }),
      tenant.recorded({ environment: 'staging', deployedAt: at('10:30:00') }),
      tenant.recorded({ environment: 'prod', deployedAt: at('10:30:00') }),
      tenant.recorded({ imageTag: 'v2', environment: 'dev', deployedAt: at('12:00:00') }),
      tenant.recorded({ imageTag: 'v2', environment: 'staging', deployedAt: at('11:30:00') }),
      tenant.recorded({ imageTag: 'v2', environment: 'prod', deployedAt: at('11:00:00') }),
    )
    const from = async (tag: string) => (await pathOf(tag))!.map(step => [step['from'], step['secondsAfterPrevious']])
    const nowhere = [undefined, undefined]
    expect(await from('v1')).toEqual([nowhere, ['dev', 1800], ['staging', 0]])
    expect(await from('v2')).toEqual([nowhere, nowhere, nowhere])
  })

  test('is ordered and filtered by application, empty for a tag without success, and undefined for an unknown one', async () => {
    await log.given(
      tenant.recorded({ application: 'search' }),
      tenant.recorded({ application: 'billing' }),
      tenant.recorded({ application: 'mail', status: 'FAILED' }),
    )
    const applications = async (filter?: object) => (await pathOf('v1', filter))?.map(({ application }) => application)
    expect(await applications()).toEqual(['billing', 'search'])
    expect(await applications({ application: 'search' })).toEqual(['search'])
    expect(await applications({ application: 'mail' })).toEqual([])
    expect(await applications({ application: 'none' })).toBeUndefined()
    expect(await pathOf('v2')).toBeUndefined()
  })

  test('respects asOf and knownAt, and follows a late deployment and a changed pipeline', async () => {
    const first = tenant.recorded({ environment: 'qa', deployedAt: at('10:30:00'), recordedTime: at('10:30:00') })
    const second = tenant.recorded({ environment: 'prod', deployedAt: at('11:00:00'), recordedTime: at('11:00:00') })
    const late = tenant.recorded({ environment: 'prod', deployedAt: at('10:00:00'), recordedTime: at('14:00:00') })
    await log.given(first, second, late)
    const ids = async (moment?: AsOf) => (await pathOf('v1', { moment }))?.map(({ deploymentId }) => deploymentId)
    expect(await ids({ knownAt: at('13:00:00') })).toEqual([second.id, first.id])
    expect(await ids({ knownAt: at('14:00:00') })).toEqual([late.id, first.id])
    expect(await ids({ asOf: at('10:15:00') })).toEqual([late.id])
    expect(await ids({ asOf: at('09:00:00') })).toBeUndefined()
    const decided = new Decided(tenant.name)
    await log.given(...decided.putPipeline({ environments: [{ name: 'prod' }, { name: 'qa' }] }))
    expect(await pathOf('v1')).toMatchObject([
      { environment: 'prod', deploymentId: late.id, active: true },
      { environment: 'qa', deploymentId: first.id, from: 'prod', secondsAfterPrevious: 1800 },
    ])
  })
})

describe('a tag that is deployed again', () => {
  const gitCommit = 'c0ffee1'
  const v1 = (time: string, more: object = {}) => tenant.recorded({ deployedAt: at(time), gitCommit, ...more })
  const v2 = (time: string, more: object = {}) => tenant.recorded({ imageTag: 'v2', deployedAt: at(time), ...more })
  const active = async (moment?: AsOf) => {
    const paths = [
      await pathOf('v1', { moment }),
      await commitPathOf(gitCommit, { moment }),
      await pathOf('v2', { moment }),
    ]
    return paths.map(path => path?.[0]?.['active'])
  }

  test('is active, in any order of arrival', async () => {
    await log.given(v1('11:00:00'), v2('10:00:00'))
    expect(await active()).toEqual([true, true, false])
    await log.given(v1('09:00:00'))
    expect(await active()).toEqual([true, true, false])
  })

  test('is active with asOf only from the finish of a success until another replaces it', async () => {
    await log.given(v1('09:00:00'), v2('10:00:00'), v1('11:00:00', { completedAt: at('11:30:00') }))
    expect(await active({ asOf: at('09:30:00') })).toEqual([true, true, undefined])
    expect(await active({ asOf: at('11:29:59') })).toEqual([false, false, true])
    expect(await active({ asOf: at('11:30:00') })).toEqual([true, true, false])
  })

  test('is active after its replacement is rolled back, and not after a failed attempt', async () => {
    const replacing = v2('10:00:00')
    await log.given(v1('09:00:00'), replacing, v1('11:00:00', { status: 'FAILED' }))
    expect(await active()).toEqual([false, false, true])
    await log.given(afterwards(replacing, { type: 'DeploymentRolledBack', rolledBackAt: at('12:00:00') }))
    expect(await active()).toEqual([true, true, false])
  })

  test('follows a correction of the tag, and ignores it with a knownAt before', async () => {
    const one = { ...v1('09:00:00'), recordedTime: at('09:00:00') }
    const corrections = [{ field: 'imageTag' as const, before: 'v1', after: 'v2' }]
    const corrected = afterwards(one, { type: 'DeploymentCorrected', corrections, reason: 'another build' })
    await log.given(one, { ...corrected, recordedTime: at('10:00:00') })
    const actives = async (tag: string, moment?: AsOf) => (await pathOf(tag, { moment }))?.map(step => step['active'])
    expect([await actives('v1'), await actives('v2')]).toEqual([undefined, [true]])
    expect(await actives('v2', { asOf: at('09:30:00') })).toEqual([true])
    const before = { knownAt: at('09:59:59') }
    expect([await actives('v1', before), await actives('v2', before)]).toEqual([[true], undefined])
  })

  test('is not active by a success in another application or environment', async () => {
    await log.given(v1('09:00:00'), v2('10:00:00'), v1('11:00:00', { environment: 'staging' }))
    await log.given(v1('11:00:00', { application: 'search' }))
    const path = await pathOf('v1', { application: 'checkout' })
    expect(path!.map(({ environment, active }) => [environment, active])).toEqual([
      ['staging', true],
      ['production', false],
    ])
  })
})

describe('commitPath', () => {
  const commits = [
    { sha: 'abc', committedAt: at('09:00:00') },
    { sha: 'def', committedAt: at('09:30:00') },
    { sha: 'abc', committedAt: at('09:15:00') },
  ]

  test('returns the success with the commit that finished first in each environment, and its lead time', async () => {
    const slow = tenant.recorded({
      environment: 'prod',
      deployedAt: at('10:00:00'),
      completedAt: at('11:00:00'),
      commits,
    })
    const quick = tenant.recorded({
      environment: 'prod',
      imageTag: 'v2',
      deployedAt: at('10:10:00'),
      completedAt: at('10:20:00'),
      commits,
      gitCommit: 'abc',
    })
    const dev = tenant.recorded({ environment: 'dev', deployedAt: at('10:05:00'), gitCommit: 'abc' })
    await log.given(slow, quick, dev, tenant.recorded({ environment: 'staging', status: 'FAILED', commits }))
    expect(await commitPathOf('abc')).toEqual([
      {
        application: 'checkout',
        environment: 'dev',
        deploymentId: dev.id,
        imageTag: 'v1',
        deployedAt: at('10:05:00'),
        active: true,
      },
      {
        application: 'checkout',
        environment: 'production',
        deploymentId: quick.id,
        imageTag: 'v2',
        deployedAt: at('10:10:00'),
        completedAt: at('10:20:00'),
        committedAt: at('09:00:00'),
        leadTimeSeconds: 4800,
        from: 'dev',
        secondsAfterPrevious: 900,
        active: true,
      },
    ])
    expect(await commitPathOf('def')).toMatchObject([{ deploymentId: quick.id, leadTimeSeconds: 3000 }])
    expect(await commitPathOf('abc', { moment: { asOf: at('10:19:59') } })).toMatchObject([{ environment: 'dev' }])
    expect(await commitPathOf('abc', { application: 'search' })).toBeUndefined()
    expect(await commitPathOf('ghi')).toBeUndefined()
  })

  test('follows a correction of the commit, and ignores it with a knownAt before', async () => {
    const one = tenant.recorded({ gitCommit: 'wrong', commits, recordedTime: at('10:00:00') })
    const corrections = [{ field: 'gitCommit' as const, before: 'wrong', after: 'abc' }]
    const corrected = afterwards(one, { type: 'DeploymentCorrected', corrections, reason: 'a typo' })
    await log.given(one)
    expect(await commitPathOf('wrong')).toHaveLength(1)
    await log.given({ ...corrected, recordedTime: at('11:00:00') })
    expect(await commitPathOf('wrong')).toBeUndefined()
    expect(await commitPathOf('wrong', { moment: { knownAt: at('10:59:59') } })).toHaveLength(1)
    expect(await commitPathOf('wrong', { moment: { knownAt: at('11:00:00') } })).toBeUndefined()
    expect(await commitPathOf('abc')).toMatchObject([{ committedAt: at('09:00:00') }])
  })

  test('follows a correction of the list of commits, and ignores it with a knownAt before', async () => {
    const one = tenant.recorded({ commits: [commits[0]!], recordedTime: at('10:00:00') })
    const becomes = (list: typeof commits | undefined, time: string) => ({
      ...afterwards(one, {
        type: 'DeploymentCorrected',
        corrections: [{ field: 'commits', ...(list && { after: list }) }],
        reason: 'another build',
      }),
      recordedTime: at(time),
    })
    const late = { sha: 'abc', committedAt: at('09:45:00') }
    await log.given(one, becomes([commits[1]!], '11:00:00'), becomes([late, commits[1]!], '12:00:00'))
    await log.given(becomes(undefined, '13:00:00'))
    const times = async (sha: string) => {
      const known = ['10:30:00', '11:30:00', '12:30:00', '13:30:00'].map(async time => {
        return (await commitPathOf(sha, { moment: { knownAt: at(time) } }))?.map(({ committedAt }) => committedAt)
      })
      return Promise.all(known)
    }
    expect(await times('abc')).toEqual([[at('09:00:00')], undefined, [at('09:45:00')], undefined])
    expect(await times('def')).toEqual([undefined, [at('09:30:00')], [at('09:30:00')], undefined])
    expect([await commitPathOf('abc'), await commitPathOf('def')]).toEqual([undefined, undefined])
  })
})

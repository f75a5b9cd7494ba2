import { at, tagsOf, Tenant } from '#test/specs/read-models/asking'
import type { AsOf } from '../../index.js'
import { GivenLog, afterwards } from '#test/specs/read-models/given-log'

let log: GivenLog
let tenant: Tenant

beforeAll(async () => {
  log = await GivenLog.start()
})
afterAll(() => log.end())
beforeEach(() => {
  tenant = new Tenant(log)
})

describe('current deployments', () => {
  test('are the successes that started last and were not rolled back', async () => {
    const [v1, v2, v3] = ['v1', 'v2', 'v3'].map((imageTag, n) =>
      tenant.recorded({ imageTag, deployedAt: at(`1${n}:00:00`) }),
    )
    await log.given(v1!, v2!, v3!)
    expect(tagsOf(await tenant.current())).toEqual(['v3'])
    await log.given(afterwards(v3!, { type: 'DeploymentRolledBack', rolledBackAt: at('13:00:00') }))
    expect(tagsOf(await tenant.current())).toEqual(['v2'])
    await log.given(tenant.recorded({ imageTag: 'failed', status: 'FAILED', deployedAt: at('14:00:00') }))
    await log.given(tenant.recorded({ imageTag: 'pending', status: 'PENDING', deployedAt: at('14:01:00') }))
    await log.given(tenant.recorded({ imageTag: 'late', deployedAt: at('09:00:00') }))
    await log.given(tenant.recorded({ imageTag: 'never was', status: 'ROLLED_BACK', deployedAt: at('15:00:00') }))
    expect(tagsOf(await tenant.current())).toEqual(['v2'])
    await log.given(afterwards(v2!, { type: 'DeploymentRolledBack', rolledBackAt: at('16:00:00') }))
    await log.given(afterwards(v1!, { type: 'DeploymentRolledBack', rolledBackAt: at('16:00:00') }))
    expect(tagsOf(await tenant.current())).toEqual(['late'])
  })

  test('are empty where every deployment was rolled back', async () => {
    const only = tenant.recorded()
    await log.given(only)
    await log.given(afterwards(only, { type: 'DeploymentRolledBack', rolledBackAt: at('16:00:00') }))
    expect(await tenant.current()).toEqual([])
    expect(await tenant.history()).toMatchObject([{ active: false }])
  })

  test('have the start of the stretch of their tag, over deployments of the same tag', async () => {
    const since = async (moment?: AsOf) => (await tenant.current({}, moment)).map(({ runningSince }) => runningSince)
    const deploy = (imageTag: string, minute: string) => {
      const deployed = { imageTag, deployedAt: at(`10:${minute}:00`), completedAt: at(`10:${minute}:30`) }
      return tenant.recorded(deployed)
    }
    const [first, again, other] = [deploy('v1', '00'), deploy('v1', '10'), deploy('v2', '20')]
    const recordedTime = at('11:00:00')
    await log.given(...[first, again, other].map(event => ({ ...event, recordedTime })))
    expect(await since()).toEqual([at('10:20:30')])
    expect(await since({ asOf: at('10:15:00') })).toEqual([at('10:00:30')])

    // when: a tag between is reported late, and the last one is rolled back
    const late = { ...deploy('v0', '05'), recordedTime: at('12:00:00') }
    await log.given(late, afterwards(other, { type: 'DeploymentRolledBack', rolledBackAt: at('10:40:00') }))
    expect(await since()).toEqual([at('10:40:00')])
    expect(await since({ asOf: at('10:15:00') })).toEqual([at('10:10:30')])
    expect(await since({ asOf: at('10:15:00'), knownAt: at('11:30:00') })).toEqual([at('10:00:30')])
    expect(await since({ knownAt: at('11:30:00') })).toEqual([at('10:20:30')])
  })

  test('have the same start with and without knownAt after many deployments of one tag', async () => {
    const minute = (n: number) => new Date(Date.UTC(2026, 1, 10, 0, n)).toISOString().replace('.000Z', 'Z')
    const tags = ['v0', ...Array.from({ length: 100 }, () => 'v1')]
    await log.given(
      ...tags.map((imageTag, n) => ({
        ...tenant.recorded({ imageTag, deployedAt: minute(n) }),
        recordedTime: minute(n),
      })),
    )
    for (const moment of [{}, { asOf: minute(90) }, { knownAt: minute(95) }, { asOf: minute(90), knownAt: minute(95) }])
      expect(await tenant.current({}, moment)).toMatchObject([{ imageTag: 'v1', runningSince: minute(1) }])
  })

  test('are ordered by application and pipeline, with all names of an environment as one', async () => {
    const environments = ['zoo', 'production', 'dev', 'Alpha', 'staging', 'prod', 'development']
    await log.given(
      ...['b', 'a', 'B'].flatMap(application =>
        environments.map((environment, n) =>
          tenant.recorded({ application, environment, deployedAt: at(`10:0${n}:00`) }),
        ),
      ),
    )
    const names = (await tenant.current()).map(({ application, environment }) => `${application} ${environment}`)
    const order = ['development', 'staging', 'prod', 'Alpha', 'zoo']
    expect(names).toEqual(
      ['B', 'a', 'b'].flatMap(application => order.map(environment => `${application} ${environment}`)),
    )
    expect((await tenant.current({ environment: 'production' })).map(({ environment }) => environment)).toEqual(
      Array(3).fill('prod'),
    )
    expect(await tenant.current({ application: 'a', environment: 'dev' })).toHaveLength(1)
  })
})

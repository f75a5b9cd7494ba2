import { at, tagsOf, Tenant } from '#test/specs/read-models/asking'
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

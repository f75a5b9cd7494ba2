import { randomUUID } from 'node:crypto'
import { at, Tenant } from '#test/specs/read-models/asking'
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

describe('inferred rollbacks and overtaken deployments', () => {
  test('an older tag that returns is an inferred rollback, a newer tag that returns is none', async () => {
    const tags = ['v1', 'v2', 'v1', 'v2', 'v3']
    const events = tags.map((imageTag, n) => tenant.recorded({ imageTag, deployedAt: at(`10:0${n}:00`) }))
    await log.given(...events)
    const detected = (await tenant.history())
      .toReversed()
      .map(({ rollbackOf, rollbackDetected }) => [rollbackOf, rollbackDetected])
    const nothing = [undefined, undefined]
    expect(detected).toEqual([nothing, nothing, [events[1]!.id, 'inferred'], nothing, nothing])
  })

  test('a late deployment adds or removes the inferred rollback of a later one', async () => {
    // given: v2, then v1, neither of them known before
    const [v2, v1] = [
      tenant.recorded({ imageTag: 'v2', deployedAt: at('10:02:00') }),
      tenant.recorded({ imageTag: 'v1', deployedAt: at('10:03:00') }),
    ]
    await log.given(v2, v1)
    expect((await tenant.history())[0]).not.toHaveProperty('rollbackOf')
    // when: an earlier success of v1 is recorded
    await log.given(tenant.recorded({ imageTag: 'v1', deployedAt: at('10:01:00') }))
    expect((await tenant.history())[0]).toMatchObject({ rollbackOf: v2.id, rollbackDetected: 'inferred' })
    // when: a success of v2 is recorded that was even earlier
    await log.given(tenant.recorded({ imageTag: 'v2', deployedAt: at('10:00:00') }))
    expect((await tenant.history())[0]).not.toHaveProperty('rollbackOf')
  })

  test('a reported rollback is kept, and none is inferred beside it', async () => {
    const other = randomUUID()
    const events = [
      tenant.recorded({ imageTag: 'v1', deployedAt: at('10:01:00') }),
      tenant.recorded({ imageTag: 'v2', deployedAt: at('10:02:00') }),
      tenant.recorded({ imageTag: 'v1', deployedAt: at('10:03:00'), rollbackOf: other }),
    ]
    await log.given(...events)
    expect((await tenant.history())[0]).toMatchObject({ rollbackOf: other, rollbackDetected: 'reported' })
    const rows = await log.query({
      text: 'SELECT inferred_rollback_of FROM read_v1.deployment_history WHERE tenant = $1 AND rollback_of IS NOT NULL',
      values: [tenant.name],
    })
    expect(rows).toEqual([{ inferred_rollback_of: null }])
  })

  test('a late first success of a tag before thousands of others makes its next success an inferred rollback', async () => {
    // given: more tags than are examined one at a time, then one tag many times, with another tag between each two
    const versions = [
      ...Array.from({ length: 2100 }, (_, n) => `old-${n}`),
      ...Array.from({ length: 40 }, (_, n) => ['again', `new-${n}`]).flat(),
    ]
    const minute = (n: number) => new Date(Date.UTC(2026, 1, 12, 0, n)).toISOString()
    await log.given(...versions.map((imageTag, n) => tenant.recorded({ imageTag, deployedAt: minute(n + 1) })))
    const goingBack = async () =>
      (await tenant.history()).filter(({ rollbackDetected }) => rollbackDetected === 'inferred')
    expect(await goingBack()).toHaveLength(39)
    // when: a success before all others is recorded
    await log.given(tenant.recorded({ imageTag: 'again', deployedAt: minute(0) }))
    const records = await goingBack()
    expect(records).toHaveLength(40)
    expect(new Set(records.map(({ imageTag }) => imageTag))).toEqual(new Set(['again']))
  })

  test('equal tags in other environments and applications cause no inferred rollback', async () => {
    await log.given(
      tenant.recorded({ imageTag: 'v1', deployedAt: at('10:01:00'), environment: 'staging' }),
      tenant.recorded({ imageTag: 'v1', deployedAt: at('10:01:00'), application: 'search' }),
      tenant.recorded({ imageTag: 'v2', deployedAt: at('10:02:00') }),
      tenant.recorded({ imageTag: 'v1', deployedAt: at('10:03:00') }),
    )
    expect((await tenant.history()).filter(record => 'rollbackOf' in record)).toEqual([])
  })

  test('a deployment that started earlier and finished later is overtaken, and contests the active one', async () => {
    const slow = tenant.recorded({ imageTag: 'slow', deployedAt: at('10:00:00'), completedAt: at('10:30:00') })
    const quick = tenant.recorded({ imageTag: 'quick', deployedAt: at('10:10:00'), completedAt: at('10:20:00') })
    await log.given(quick, slow)
    expect(await tenant.history()).toMatchObject([
      { imageTag: 'quick', active: true, contestedBy: slow.id },
      { imageTag: 'slow', active: false, overtakenBy: quick.id },
    ])
    expect(await tenant.current()).toMatchObject([{ imageTag: 'quick', contestedBy: slow.id }])
    // when: the slow one is marked as rolled back
    await log.given(afterwards(slow, { type: 'DeploymentRolledBack', rolledBackAt: at('11:00:00') }))
    expect((await tenant.current())[0]).not.toHaveProperty('contestedBy')
  })
})

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

describe('neighbours', () => {
  test('an older version that comes back is an inferred rollback; a version that returns forward is none', async () => {
    const tags = ['v1', 'v2', 'v1', 'v2', 'v3']
    const events = tags.map((imageTag, n) => tenant.recorded({ imageTag, deployedAt: at(`10:0${n}:00`) }))
    await log.given(...events)
    const detected = (await tenant.history())
      .toReversed()
      .map(({ rollbackOf, rollbackDetected }) => [rollbackOf, rollbackDetected])
    const nothing = [undefined, undefined]
    expect(detected).toEqual([nothing, nothing, [events[1]!.id, 'inferred'], nothing, nothing])
  })

  test('a late fact changes what it touches: a rollback that was none, and one that is none any more', async () => {
    // given: v2 seems new, then v1 returns
    const [v2, v1] = [
      tenant.recorded({ imageTag: 'v2', deployedAt: at('10:02:00') }),
      tenant.recorded({ imageTag: 'v1', deployedAt: at('10:03:00') }),
    ]
    await log.given(v2, v1)
    expect((await tenant.history())[0]).not.toHaveProperty('rollbackOf')
    // when: it is learned that v1 had been there before
    await log.given(tenant.recorded({ imageTag: 'v1', deployedAt: at('10:01:00') }))
    expect((await tenant.history())[0]).toMatchObject({ rollbackOf: v2.id, rollbackDetected: 'inferred' })
    // when: and that v2 had been there even earlier
    await log.given(tenant.recorded({ imageTag: 'v2', deployedAt: at('10:00:00') }))
    expect((await tenant.history())[0]).not.toHaveProperty('rollbackOf')
  })

  test('a reported rollback is kept, and nothing is inferred beside it', async () => {
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

  test('a late first success of a version that came many times, before thousands of others, makes rollbacks of what was none', async () => {
    // given: more versions than are looked at one by one, and then one again and again, with another between each two
    const versions = [
      ...Array.from({ length: 2100 }, (_, n) => `old-${n}`),
      ...Array.from({ length: 40 }, (_, n) => ['again', `new-${n}`]).flat(),
    ]
    const minute = (n: number) => new Date(Date.UTC(2026, 1, 12, 0, n)).toISOString()
    await log.given(...versions.map((imageTag, n) => tenant.recorded({ imageTag, deployedAt: minute(n + 1) })))
    const goingBack = async () =>
      (await tenant.history()).filter(({ rollbackDetected }) => rollbackDetected === 'inferred')
    expect(await goingBack()).toHaveLength(39)
    // when: it turns out that it was there before all others
    await log.given(tenant.recorded({ imageTag: 'again', deployedAt: minute(0) }))
    const records = await goingBack()
    expect(records).toHaveLength(40)
    expect(new Set(records.map(({ imageTag }) => imageTag))).toEqual(new Set(['again']))
  })

  test('the same versions in other environments and applications have nothing to do with it', async () => {
    await log.given(
      tenant.recorded({ imageTag: 'v1', deployedAt: at('10:01:00'), environment: 'staging' }),
      tenant.recorded({ imageTag: 'v1', deployedAt: at('10:01:00'), application: 'search' }),
      tenant.recorded({ imageTag: 'v2', deployedAt: at('10:02:00') }),
      tenant.recorded({ imageTag: 'v1', deployedAt: at('10:03:00') }),
    )
    expect((await tenant.history()).filter(record => 'rollbackOf' in record)).toEqual([])
  })

  test('who started earlier and finished later overtook, and contests what runs', async () => {
    const slow = tenant.recorded({ imageTag: 'slow', deployedAt: at('10:00:00'), completedAt: at('10:30:00') })
    const quick = tenant.recorded({ imageTag: 'quick', deployedAt: at('10:10:00'), completedAt: at('10:20:00') })
    await log.given(quick, slow)
    expect(await tenant.history()).toMatchObject([
      { imageTag: 'quick', active: true, contestedBy: slow.id },
      { imageTag: 'slow', active: false, overtakenBy: quick.id },
    ])
    expect(await tenant.current()).toMatchObject([{ imageTag: 'quick', contestedBy: slow.id }])
    // when: it never overwrote anything after all
    await log.given(afterwards(slow, { type: 'DeploymentRolledBack', rolledBackAt: at('11:00:00') }))
    expect((await tenant.current())[0]).not.toHaveProperty('contestedBy')
  })
})

import type { ConfigurationEntry } from '#libs/contracts'
import {
  approve,
  author,
  create,
  execute,
  lead,
  now,
  ops,
  promotionId,
  rollBack,
  TestTenant,
  validate,
} from '#test/specs/domain/tenant'

const sealed = (hash: string, description?: string): ConfigurationEntry => ({
  sealed: { keyId: 'k', ciphertext: `c ${hash}`, hash },
  ...(description !== undefined && { description }),
})
/** The target before the execution, which changes, adds, deletes, makes plain, makes secret and keeps one key each. */
const before: Record<string, ConfigurationEntry> = {
  changed: { value: { a: [1, null] }, description: 'as it was' },
  goes: { value: null },
  opened: sealed('h', 'a secret'),
  closed: { value: 'x' },
  same: { value: 7, description: 'not touched' },
}
const executed = () =>
  new TestTenant()
    .put('staging', {
      changed: { value: 2, description: 'as it is' },
      comes: { value: 'new' },
      opened: { value: 'open' },
      closed: sealed('i'),
      same: { value: 7 },
    })
    .set('staging', { 'checkout.v2': { enabled: true } }, 'flag')
    .put('production', before)
    .set('production', { 'checkout.v2': { enabled: false } }, 'flag')
    .given(create({ deleteRemoved: true }), validate(), approve(lead), approve(ops), execute())

describe('RollBackPromotion', () => {
  it('restores the value, description, secret mark and absence of each key', () => {
    const tenant = executed()
    expect(tenant.held('production')).not.toEqual(before)
    tenant.given(rollBack())
    expect(tenant.held('production')).toEqual(before)
    expect(tenant.held('production', 'flag')).toEqual({ 'checkout.v2': { value: { enabled: false } } })
  })

  it('records its changes in both streams, with their cause in that of the target', () => {
    const decision = executed().when(rollBack({ reason: 'error rate' }))
    const changes = expect.arrayContaining([
      { kind: 'configuration', key: 'comes', before: { value: 'new' }, restoredRevision: 0 },
      { kind: 'configuration', key: 'goes', after: { value: null }, restoredRevision: 1 },
      {
        kind: 'configuration',
        key: 'opened',
        before: { value: 'open' },
        after: before['opened'],
        restoredRevision: 1,
      },
      {
        kind: 'flag',
        key: 'checkout.v2',
        before: { value: { enabled: true } },
        after: { value: { enabled: false } },
        restoredRevision: 2,
      },
    ])
    const names = { sourceEnvironment: 'staging', targetEnvironment: 'production' }
    expect(decision).toEqual({
      events: [
        { type: 'PromotionRolledBack', promotionId, at: now, by: author, ...names, changes, reason: 'error rate' },
      ],
      otherStreams: [
        {
          streamId: 'configuration-acme/production',
          events: [
            {
              type: 'ConfigurationChanged',
              environment: 'production',
              changedAt: now,
              by: 'dev',
              changes,
              cause: { promotionId, action: 'rolledback' },
            },
          ],
        },
      ],
    })
  })

  it('keeps later changes of other keys', () => {
    const tenant = executed().set('production', { same: 8, elsewhere: 1 }).given(rollBack())
    expect(tenant.held('production')).toEqual({ ...before, same: { value: 8 }, elsewhere: { value: 1 } })
  })

  it('ignores freezes and a pipeline that would now reject the promotion', () => {
    const freeze = { name: 'x', from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z', overridableBy: [] }
    const pipeline = { environments: [{ name: 'production', approvals: 9 }, { name: 'staging' }] }
    const tenant = executed()
      .rule({ freezes: [freeze], pipeline })
      .given(rollBack())
    expect(tenant.held('production')).toEqual(before)
  })

  it('restores the same configuration after the pipeline has renamed the target', () => {
    const pipeline = {
      environments: [{ name: 'staging' }, { name: 'live', aliases: ['production'] }, { name: 'dr', aliases: ['prod'] }],
    }
    const tenant = executed().rule({ pipeline }).given(rollBack())
    expect(tenant.held('production')).toEqual(before)
    expect(tenant.held('live')).toEqual({})
  })

  it('resolves the target by the pipeline if the execution did not record its name', () => {
    const tenant = executed()
    const { executed: done, ...promotion } = tenant.known
    tenant.promotion = { ...promotion, executed: { ...done!, targetName: undefined } }
    tenant.given(rollBack())
    expect(tenant.held('production')).toEqual(before)
  })
})

describe('a key that changed after the execution', () => {
  it.each<[string, (tenant: TestTenant) => TestTenant, string]>([
    ['another value', tenant => tenant.set('production', { changed: 3 }), 'changed'],
    [
      'changed and restored',
      tenant => tenant.set('production', { comes: 1 }).set('production', { comes: 'new' }),
      'comes',
    ],
    ['set to its value before the execution', tenant => tenant.put('production', { goes: { value: null } }), 'goes'],
    ['deleted', tenant => tenant.put('production', { comes: undefined }), 'comes'],
    [
      'a flag',
      tenant => tenant.set('production', { 'checkout.v2': { enabled: true, rules: [] } }, 'flag'),
      'checkout.v2',
    ],
  ])('prevents the rollback without force: %s', (_, change, key) => {
    const tenant = change(executed())
    const configurationOf = tenant.held('production')
    expect(tenant.when(rollBack())).toMatchObject({
      code: 'conflict',
      reason: expect.stringContaining(`${key} changed in production since`),
      details: { promotionState: 'EXECUTED', conflicts: [{ key, expectedRevision: 3 }] },
    })
    expect(tenant.promotion.state).toBe('EXECUTED')
    expect(tenant.held('production')).toEqual(configurationOf)
  })

  it('is restored with force, which is recorded together with the replaced value', () => {
    const tenant = executed()
      .set('production', { changed: 3 })
      .put('production', { comes: undefined })
      .given(rollBack({ force: true }))
    expect(tenant.held('production')).toEqual(before)
    const rolledBack = tenant.events.at(-1)
    expect(rolledBack).toMatchObject({ type: 'PromotionRolledBack', forced: true })
    expect(rolledBack).toMatchObject({
      changes: expect.arrayContaining([
        { kind: 'configuration', key: 'changed', before: { value: 3 }, after: before['changed'], restoredRevision: 1 },
      ]),
    })
    expect(JSON.stringify(rolledBack)).not.toContain('comes')
  })

  it('is required for `forced` to be recorded', () => {
    expect(
      executed()
        .given(rollBack({ force: true }))
        .events.at(-1),
    ).not.toHaveProperty('forced')
  })
})

it('rolling back a promotion without changes records no changes', () => {
  const tenant = new TestTenant().set('staging', { a: 1 }).set('production', { a: 1 })
  tenant.given(create(), validate(), approve(lead), approve(ops), execute())
  expect(tenant.when(rollBack())).toMatchObject({
    events: [{ type: 'PromotionRolledBack', changes: [] }],
    otherStreams: [],
  })
})

import {
  isRejection,
  type ConfigurationEntry,
  type Freeze,
  type JointDecision,
  type PromotionEvent,
} from '#libs/contracts'
import {
  approve,
  author,
  create,
  due,
  execute,
  later,
  lead,
  now,
  ops,
  promotionId,
  schedule,
  TestTenant,
  validate,
} from '#test/specs/domain/tenant'

const secret: ConfigurationEntry = {
  sealed: { keyId: 'k', ciphertext: 'c', hash: 'h' },
  description: 'of the database',
}
const image = { application: 'checkout', imageTag: 'v2' }
const approved = (request = {}) =>
  new TestTenant()
    .put('staging', { a: { value: 1 }, 'db.password': secret, same: { value: 0 } })
    .set('production', { a: 0, same: 0, gone: 1 })
    .given(create({ deleteRemoved: true, ...request }), validate(), approve(lead), approve(ops))
const scheduled = (more: Parameters<typeof schedule>[0] = {}) => approved().given(schedule(more))
const freeze: Freeze = {
  name: 'christmas',
  from: '2026-02-12T00:00:00Z',
  to: '2026-02-14T00:00:00Z',
  reason: 'nobody is there',
}

describe('ExecutePromotion', () => {
  it('writes the validated content to the target, and records it in both streams', () => {
    const changes = [
      { kind: 'configuration', key: 'a', before: { value: 0 }, after: { value: 1 } },
      { kind: 'configuration', key: 'db.password', after: secret },
      { kind: 'configuration', key: 'gone', before: { value: 1 } },
    ]
    const head = { promotionId, at: now, by: author, sourceEnvironment: 'stage', targetEnvironment: 'prod' }
    expect(approved({ sourceEnvironment: 'stage', targetEnvironment: 'prod', image }).when(execute())).toEqual({
      events: [
        {
          type: 'PromotionExecuted',
          ...head,
          targetName: 'production',
          changes,
          contentHash: expect.stringMatching(/^[0-9a-f]{64}$/),
          image,
          targetRevision: 2,
        },
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
              cause: { promotionId, action: 'executed' },
            },
          ],
        },
      ],
    })
  })

  it('writes the validated content even if the source has changed since', () => {
    const tenant = approved().set('staging', { a: 2, new: 1 }).put('staging', { 'db.password': undefined })
    expect(tenant.given(execute()).held('production')).toEqual({
      a: { value: 1 },
      same: { value: 0 },
      'db.password': secret,
    })
  })

  it('appends only to its own stream if nothing differs', () => {
    const tenant = new TestTenant().set('staging', { a: 1 }).set('production', { a: 1 })
    tenant.given(create({ image }), validate(), approve(lead), approve(ops))
    expect(tenant.when(execute())).toMatchObject({
      events: [{ changes: [], targetRevision: 1, image }],
      otherStreams: [],
    })
  })
})

describe('a change of the target after the validation', () => {
  const conflict = { kind: 'configuration', key: 'a', expectedRevision: 1, actualRevision: 2 }
  it.each<[string, (tenant: TestTenant) => TestTenant, object]>([
    ['another value', tenant => tenant.set('production', { a: 2 }), conflict],
    ['the value that was to be written', tenant => tenant.set('production', { a: 1 }), conflict],
    [
      'a value that was changed and restored',
      tenant => tenant.set('production', { a: 2 }).set('production', { a: 0 }),
      { ...conflict, actualRevision: 3 },
    ],
    ['a deleted key', tenant => tenant.put('production', { a: undefined }), conflict],
    [
      'an added key',
      tenant => tenant.set('production', { 'db.password': 1 }),
      { ...conflict, key: 'db.password', expectedRevision: 0 },
    ],
    [
      'a key that was to be deleted',
      tenant => tenant.put('production', { gone: undefined }),
      { ...conflict, key: 'gone' },
    ],
  ])('prevents the execution and sets VALIDATION_FAILED: %s', (_, change, expected) => {
    const tenant = change(approved())
    const before = tenant.held('production')
    const { events, otherStreams, refusal } = tenant.when(execute()) as JointDecision<PromotionEvent>
    expect(events).toMatchObject([{ type: 'PromotionValidated', outcome: 'VALIDATION_FAILED', conflicts: [expected] }])
    expect(otherStreams).toBeUndefined()
    expect(refusal).toMatchObject({
      code: 'conflict',
      details: { promotionState: 'VALIDATION_FAILED', conflicts: [expected] },
    })
    expect(tenant.known).toMatchObject({ state: 'VALIDATION_FAILED', conflicts: [expected], approvals: [] })
    expect(tenant.held('production')).toEqual(before)
  })

  it('does not conflict if it affects other keys, even selected ones that were equal', () => {
    const tenant = approved()
      .set('production', { elsewhere: 1, same: 2 })
      .set('production', { a: { enabled: true } }, 'flag')
    expect(tenant.given(execute()).promotion.state).toBe('EXECUTED')
    expect(tenant.held('production')).toMatchObject({ elsewhere: { value: 1 }, same: { value: 2 } })
  })

  it('allows the promotion to be validated and approved again', () => {
    const tenant = approved().set('production', { a: 2 })
    tenant.when(execute())
    tenant.given(validate(), approve(lead), approve(ops), execute())
    expect(tenant.held('production')['a']).toEqual({ value: 1 })
    expect(tenant.known.conflicts).toEqual([])
  })
})

it.each<[string, Parameters<TestTenant['rule']>[0], RegExp]>([
  [
    'no longer has the target',
    { pipeline: { environments: [{ name: 'staging' }] } },
    /production is not in the pipeline/,
  ],
  [
    'has the reverse order',
    { pipeline: { environments: [{ name: 'production' }, { name: 'staging' }] } },
    /against the order/,
  ],
  [
    'has an environment in between',
    { pipeline: { environments: [{ name: 'staging' }, { name: 'qa' }, { name: 'production' }] } },
    /skips qa/,
  ],
  [
    'requires more approvals',
    { pipeline: { environments: [{ name: 'staging' }, { name: 'production', approvals: 3 }] } },
    /requires 3 approvals, and it has 2/,
  ],
])('a pipeline that %s prevents an execution and fails a scheduled one', (_, settings, reason) => {
  const tenant = approved().rule(settings)
  expect(tenant.when(execute())).toMatchObject({ code: 'conflict', reason: expect.stringMatching(reason) })
  expect(tenant.promotion.state).toBe('APPROVED')
  expect(scheduled().rule(settings).given(due()).known).toMatchObject({
    state: 'FAILED',
    failure: expect.stringMatching(reason),
  })
})

describe('a due schedule', () => {
  it('executes the promotion with the time and person of the command', () => {
    expect(scheduled().given(due()).events.at(-1)).toMatchObject({ type: 'PromotionExecuted', at: later, by: {} })
  })

  it('is rejected before its time', () => {
    expect(scheduled().when(due('2026-02-13T05:59:59.999Z'))).toMatchObject({
      code: 'conflict',
      details: { action: 'execute' },
    })
  })

  it('no longer applies after a new validation and approval', () => {
    const tenant = scheduled().set('production', { a: 2 }).given(due(), validate(), approve(lead), approve(ops))
    expect(tenant.known).toMatchObject({ state: 'APPROVED', scheduledAt: undefined })
    expect(tenant.when(due())).toMatchObject({ code: 'conflict', details: { promotionState: 'APPROVED' } })
  })

  it('sets VALIDATION_FAILED if the target changed', () => {
    const tenant = scheduled().set('production', { a: 2 })
    expect(isRejection(tenant.when(due()))).toBe(false)
    expect(tenant.known).toMatchObject({ state: 'VALIDATION_FAILED', conflicts: [{ key: 'a' }] })
  })

  it.each([
    ['PT1H', '2026-02-13T07:00:00Z', 'EXECUTED'],
    ['PT1H', '2026-02-13T07:00:00.001Z', 'FAILED'],
    ['PT0S', later, 'EXECUTED'],
    [undefined, '2036-02-13T07:00:00Z', 'EXECUTED'],
  ])('with expiresAfter %s, executed at %s: %s', (expiresAfter, at, state) => {
    expect(scheduled({ expiresAfter }).given(due(at)).promotion.state).toBe(state)
  })

  it.each<[string, Parameters<typeof schedule>[0], Partial<Freeze>, string]>([
    ['fails in a freeze', {}, {}, 'FAILED'],
    ['executes in a freeze with the override reason of the schedule', { overrideFreeze: 'x' }, {}, 'EXECUTED'],
    [
      'executes in a freeze if the person who scheduled it may override it',
      { overrideFreeze: 'x', by: ops },
      { overridableBy: ['ops'] },
      'EXECUTED',
    ],
    [
      'fails in a freeze if the person who scheduled it may not override it',
      { overrideFreeze: 'x', by: lead },
      { overridableBy: ['ops'] },
      'FAILED',
    ],
  ])('%s', (_, how, more, state) => {
    expect(
      scheduled(how)
        .rule({ freezes: [{ ...freeze, ...more }] })
        .given(due()).promotion.state,
    ).toBe(state)
  })
})

import { allowedActions, isRejection, promotionStates, type PromotionCommand, type Rejection } from '#libs/contracts'
import { promotion } from '#libs/domain'
import {
  approve,
  author,
  command,
  create,
  due,
  execute,
  later,
  lead,
  now,
  ops,
  promotionId,
  rollBack,
  schedule,
  TestTenant,
  validate,
} from '#test/specs/domain/tenant'

const actions = {
  validate: validate(),
  approve: approve(ops),
  reject: command('RejectPromotion', { by: lead, reason: 'not now' }),
  schedule: schedule({ at: '2026-02-14T06:00:00Z' }),
  execute: execute(),
  'execute when due': due('2026-02-14T06:00:00Z'),
  rollback: rollBack(),
  cancel: command('CancelPromotion', { reason: 'overtaken' }),
} satisfies Record<string, PromotionCommand>

/** A promotion in each state; VALIDATED has one of the two required approvals. */
const reach: Record<string, () => TestTenant> = {
  ABSENT: () => new TestTenant().set('staging', { 'query.timeout': '180s' }),
  DRAFT: () => reach['ABSENT']!().given(create()),
  VALIDATED: () => reach['DRAFT']!().given(validate(), approve(lead)),
  VALIDATION_FAILED: () => {
    const tenant = reach['APPROVED']!().set('production', { 'query.timeout': '60s' })
    tenant.when(execute())
    return tenant
  },
  APPROVED: () => reach['VALIDATED']!().given(approve(ops)),
  REJECTED: () => reach['VALIDATED']!().given(actions.reject),
  SCHEDULED: () => reach['APPROVED']!().given(schedule({ expiresAfter: 'P2D' })),
  EXECUTED: () => reach['APPROVED']!().given(execute()),
  FAILED: () => reach['SCHEDULED']!().given(due('2026-02-20T06:00:00Z')),
  ROLLED_BACK: () => reach['EXECUTED']!().given(rollBack()),
  CANCELLED: () => reach['APPROVED']!().given(actions.cancel),
}

const columns = Object.keys(actions) as (keyof typeof actions)[]
const no = 'conflict'
const table: Record<string, string[]> = {
  DRAFT: ['VALIDATED', no, no, no, no, no, no, 'CANCELLED'],
  VALIDATED: ['VALIDATED', 'APPROVED', 'REJECTED', no, no, no, no, 'CANCELLED'],
  VALIDATION_FAILED: ['VALIDATED', no, no, no, no, no, no, 'CANCELLED'],
  APPROVED: [no, no, no, 'SCHEDULED', 'EXECUTED', no, no, 'CANCELLED'],
  REJECTED: [no, no, no, no, no, no, no, no],
  SCHEDULED: [no, no, no, 'SCHEDULED', no, 'EXECUTED', no, 'CANCELLED'],
  EXECUTED: [no, no, no, no, no, no, 'ROLLED_BACK', no],
  FAILED: [no, no, no, no, no, no, no, no],
  ROLLED_BACK: [no, no, no, no, no, no, no, no],
  CANCELLED: [no, no, no, no, no, no, no, no],
}
const isState = (to: string) => to !== no
const cells = Object.entries(table).flatMap(([state, row]) =>
  row.map((to, at) => ({ state, action: columns[at]!, to })),
)

describe('the transition table', () => {
  it('covers every state and every action', () => {
    expect(Object.keys(table).toSorted()).toEqual(promotionStates.toSorted())
    for (const row of Object.values(table)) expect(row).toHaveLength(columns.length)
  })

  it.each(cells.filter(({ to }) => isState(to)))('changes $state to $to on $action', ({ state, action, to }) => {
    const tenant = reach[state]!()
    expect(tenant.promotion.state).toBe(state)
    expect(isRejection(tenant.when(actions[action]))).toBe(false)
    expect(tenant.promotion.state).toBe(to)
  })

  it.each(cells.filter(({ to }) => to === no))('rejects $action in the state $state', ({ state, action }) => {
    const tenant = reach[state]!()
    const before = tenant.promotion
    expect(before.state).toBe(state)
    const named = action.split(' ')[0]!
    expect(tenant.when(actions[action])).toMatchObject({
      code: no,
      reason: expect.stringContaining(`cannot ${named} promotion ${promotionId}: it is ${state}`),
      details: {
        promotionId,
        promotionState: state,
        action: named,
        allowedActions: allowedActions(before.state as never),
      },
    })
    expect(tenant.promotion).toBe(before)
  })

  it.each(columns)('rejects %s of an unknown promotion', action => {
    const refused = reach['ABSENT']!().when(actions[action])
    expect(refused).toMatchObject({ code: 'not-found', reason: expect.stringContaining(promotionId) })
  })

  it.each(promotionStates)('matches the allowed actions of the state %s', state => {
    const possible = cells.filter(cell => cell.state === state && isState(cell.to)).map(({ action }) => action)
    expect(allowedActions(state).toSorted()).toEqual(
      possible.filter(action => action !== 'execute when due').toSorted(),
    )
  })

  it.each(promotionStates)('rejects a second creation in the state %s', state => {
    expect(reach[state]!().when(create())).toMatchObject({ code: 'unprocessable' })
  })
})

it('CreatePromotion records the request without validating it', () => {
  const request = {
    promotionType: 'SELECTIVE' as const,
    sourceEnvironment: 'mars',
    configIds: ['770e8400-...'],
    notes: 'x',
  }
  const [created] = new TestTenant().when(create(request)) as object[]
  expect(created).toEqual({
    type: 'PromotionCreated',
    promotionId,
    at: now,
    by: author,
    tenant: 'acme',
    targetEnvironment: 'production',
    ...request,
  })
})

describe('SchedulePromotion', () => {
  it('rejects a time in the past, and accepts the current time', () => {
    const past = reach['APPROVED']!().when(schedule({ at: '2026-02-12T11:59:59.999Z' })) as Rejection
    expect(past).toMatchObject({ code: 'unprocessable', errors: [{ pointer: '/at' }] })
    expect(reach['APPROVED']!().given(schedule({ at: now })).promotion.state).toBe('SCHEDULED')
  })

  it('replaces all settings of an earlier schedule', () => {
    const tenant = reach['SCHEDULED']!().given(schedule({ at: '2026-02-15T06:00:00Z', by: ops }))
    expect(tenant.known).toMatchObject({ scheduledAt: '2026-02-15T06:00:00Z', scheduledBy: ops })
    expect(tenant.known.expiresAfter).toBeUndefined()
  })

  it('adds an index entry that exists only in the state SCHEDULED', () => {
    const entries = (state: string) => promotion.indexEntries(reach[state]!().promotion)
    expect(entries('SCHEDULED')).toEqual([
      { name: 'scheduled', groupKey: promotionId, rank: new Date(later).toISOString(), notify: true },
    ])
    for (const state of Object.keys(table).filter(each => each !== 'SCHEDULED')) expect(entries(state)).toEqual([])
  })
})

describe('evolve', () => {
  const tenant = reach['ROLLED_BACK']!()
  it.each(tenant.events.slice(1).map(event => [event.type, event] as const))(
    'throws if %s is the first event',
    (_, event) => {
      expect(() => promotion.evolve(promotion.initial, event)).toThrow(/never created/)
    },
  )
})

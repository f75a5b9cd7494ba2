import type { Freeze } from '#libs/contracts'
import { approve, create, execute, lead, ops, TestTenant, validate } from '#test/specs/domain/tenant'

const approved = () =>
  new TestTenant().set('staging', { a: 1 }).given(create(), validate(), approve(lead), approve(ops))
const freeze: Freeze = {
  name: 'christmas',
  from: '2026-02-12T00:00:00Z',
  to: '2026-02-14T00:00:00Z',
  reason: 'nobody is there',
}

describe('a freeze', () => {
  it.each<[string, Partial<Freeze>, { now?: string; overrideFreeze?: string }, RegExp]>([
    [
      'without a reason to override it',
      {},
      {},
      /freeze christmas \(nobody is there\) is active in production: wait until it ends, or send .* `overrideFreeze`/,
    ],
    ['by the name of its target', { environments: ['prod'] }, {}, /freeze christmas .*is active/],
    ['that others may override', { overridableBy: ['ops', 'lead'] }, { overrideFreeze: 'x' }, /this person may not/],
    ['that nobody may override', { overridableBy: [] }, { overrideFreeze: 'x' }, /this person may not/],
    ['again and again', { from: undefined, to: undefined, cron: '0 12 * * *', duration: 'PT1H' }, {}, /is active/],
  ])('stops it, and moves nothing: %s', (_, more, how, reason) => {
    const tenant = approved().rule({ freezes: [{ ...freeze, ...more }] })
    expect(tenant.when(execute(how))).toMatchObject({
      code: 'conflict',
      reason: expect.stringMatching(reason),
      details: { promotionState: 'APPROVED', freeze: 'christmas' },
    })
    expect(tenant.promotion.state).toBe('APPROVED')
  })

  it.each<[string, Partial<Freeze>, { now?: string }]>([
    ['elsewhere', { environments: ['staging', 'dev'] }, {}],
    ['that is over', {}, { now: '2026-02-14T00:00:00Z' }],
    ['to come', { from: '2026-02-12T12:00:01Z' }, {}],
  ])('does not stop it %s', (_, more, how) => {
    const tenant = approved()
      .rule({ freezes: [{ ...freeze, ...more }] })
      .given(execute({ ...how, overrideFreeze: 'in case' }))
    expect(tenant.events.at(-1)).not.toHaveProperty('overriddenFreeze')
  })

  it.each([[undefined], [['dev']], [['x', 'dev']]])('is overridden with a reason by who may: %j', overridableBy => {
    const tenant = approved()
      .rule({ freezes: [{ ...freeze, overridableBy }] })
      .given(execute({ overrideFreeze: 'it burns' }))
    expect(tenant.events.at(-1)).toMatchObject({ overriddenFreeze: { reason: 'it burns', freeze: 'christmas' } })
  })

  it('stops it until its days on the calendar are over', () => {
    const time = {
      from: undefined,
      to: undefined,
      cron: '0 18 * * FRI',
      duration: 'P2DT12H',
      timezone: 'Europe/Vienna',
    }
    const frozen = () => approved().rule({ freezes: [{ ...freeze, ...time }] })
    // The clocks went forward on that Sunday.
    expect(frozen().when(execute({ now: '2026-03-30T03:59:59Z' }))).toMatchObject({ code: 'conflict' })
    expect(frozen().given(execute({ now: '2026-03-30T04:00:00Z' })).promotion.state).toBe('EXECUTED')
  })

  it('of several, none may stop it', () => {
    const closed = { ...freeze, name: 'audit', overridableBy: [] }
    const both = approved().rule({ freezes: [freeze, closed] })
    expect(both.when(execute({ overrideFreeze: 'x' }))).toMatchObject({ details: { freeze: 'audit' } })
    const open = approved()
      .rule({ freezes: [freeze, { ...closed, overridableBy: ['dev'] }] })
      .given(execute({ overrideFreeze: 'x' }))
    expect(open.events.at(-1)).toMatchObject({ overriddenFreeze: { freeze: 'christmas, audit' } })
  })

  it('holds on when the pipeline renames its environment', () => {
    const pipeline = { environments: [{ name: 'staging' }, { name: 'live', aliases: ['production'] }] }
    const tenant = new TestTenant().rule({ freezes: [{ ...freeze, environments: ['production'] }] }).rule({ pipeline })
    tenant.set('staging', { a: 1 }).given(create(), validate())
    expect(tenant.when(execute())).toMatchObject({ code: 'conflict', details: { freeze: 'christmas' } })
  })
})

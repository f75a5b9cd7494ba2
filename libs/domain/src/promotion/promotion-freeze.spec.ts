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
      'without an override reason',
      {},
      {},
      /freeze christmas \(nobody is there\) is active in production: wait until it ends, or send .* `overrideFreeze`/,
    ],
    ['if it names the target by an alias', { environments: ['prod'] }, {}, /freeze christmas .*is active/],
    [
      'if only other people may override it',
      { overridableBy: ['ops', 'lead'] },
      { overrideFreeze: 'x' },
      /this person may not/,
    ],
    ['if nobody may override it', { overridableBy: [] }, { overrideFreeze: 'x' }, /this person may not/],
    [
      'if it recurs and is active',
      { from: undefined, to: undefined, cron: '0 12 * * *', duration: 'PT1H' },
      {},
      /is active/,
    ],
  ])('prevents the execution %s', (_, more, how, reason) => {
    const tenant = approved().rule({ freezes: [{ ...freeze, ...more }] })
    expect(tenant.when(execute(how))).toMatchObject({
      code: 'conflict',
      reason: expect.stringMatching(reason),
      details: { promotionState: 'APPROVED', freeze: 'christmas' },
    })
    expect(tenant.promotion.state).toBe('APPROVED')
  })

  it.each<[string, Partial<Freeze>, { now?: string }]>([
    ['in other environments', { environments: ['staging', 'dev'] }, {}],
    ['after its end', {}, { now: '2026-02-14T00:00:00Z' }],
    ['before its start', { from: '2026-02-12T12:00:01Z' }, {}],
  ])('does not apply %s', (_, more, how) => {
    const tenant = approved()
      .rule({ freezes: [{ ...freeze, ...more }] })
      .given(execute({ ...how, overrideFreeze: 'in case' }))
    expect(tenant.events.at(-1)).not.toHaveProperty('overriddenFreeze')
  })

  it.each([[undefined], [['dev']], [['x', 'dev']]])(
    'is overridden with a reason by a permitted person: overridableBy %j',
    overridableBy => {
      const tenant = approved()
        .rule({ freezes: [{ ...freeze, overridableBy }] })
        .given(execute({ overrideFreeze: 'it burns' }))
      expect(tenant.events.at(-1)).toMatchObject({ overriddenFreeze: { reason: 'it burns', freeze: 'christmas' } })
    },
  )

  it('with a duration in days ends by the calendar when the clocks change', () => {
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

  it('is overridden only together with all other active freezes', () => {
    const closed = { ...freeze, name: 'audit', overridableBy: [] }
    const both = approved().rule({ freezes: [freeze, closed] })
    expect(both.when(execute({ overrideFreeze: 'x' }))).toMatchObject({ details: { freeze: 'audit' } })
    const open = approved()
      .rule({ freezes: [freeze, { ...closed, overridableBy: ['dev'] }] })
      .given(execute({ overrideFreeze: 'x' }))
    expect(open.events.at(-1)).toMatchObject({ overriddenFreeze: { freeze: 'christmas, audit' } })
  })

  it('stays active when the pipeline renames its environment', () => {
    const pipeline = { environments: [{ name: 'staging' }, { name: 'live', aliases: ['production'] }] }
    const tenant = new TestTenant().rule({ freezes: [{ ...freeze, environments: ['production'] }] }).rule({ pipeline })
    tenant.set('staging', { a: 1 }).given(create(), validate())
    expect(tenant.when(execute())).toMatchObject({ code: 'conflict', details: { freeze: 'christmas' } })
  })
})

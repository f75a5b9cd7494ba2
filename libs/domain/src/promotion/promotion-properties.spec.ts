import fc from 'fast-check'
import {
  isRejection,
  type ConfigurationEntry,
  type ConfigurationKind,
  type Person,
  type PromotionCommand,
  type PromotionEvent,
} from '#libs/contracts'
import { entryOf, promotion, revisionOf } from '#libs/domain'
import {
  approve,
  author,
  command,
  create,
  due,
  execute,
  lead,
  ops,
  rollBack,
  schedule,
  TestTenant,
  validate,
} from '#test/specs/domain/tenant'

type Step = { what: string; with: (tenant: TestTenant) => unknown }
const commandStep = (next: PromotionCommand): Step => ({
  what: JSON.stringify(next),
  with: tenant => tenant.when(next),
})

const sealed = (hash: string): ConfigurationEntry => ({ sealed: { keyId: 'k', ciphertext: `c ${hash}`, hash } })
const entry = fc.constantFrom<(ConfigurationEntry | undefined)[]>(
  { value: 1 },
  { value: 2, description: 'two' },
  { value: null },
  sealed('h'),
  sealed('i'),
  undefined,
)
const key = fc.constantFrom('a', 'b', 'c')
const environment = fc.constantFrom('dev', 'staging', 'production')
const kind = fc.constantFrom<ConfigurationKind[]>('configuration', 'flag')
const at = fc.constantFrom('2026-02-12T12:00:00Z', '2026-02-13T06:00:00Z', '2026-02-13T09:00:00Z')
const person = fc.constantFrom<Person[]>(author, lead, lead, ops, ops, { userEmail: 'dev' }, {})
const flagValue = { value: { enabled: true } }

const request = fc.oneof(
  fc.record({ promotionType: fc.constant('FULL' as const), deleteRemoved: fc.boolean() }),
  fc.record({
    promotionType: fc.constant('PATTERN' as const),
    keyPatterns: fc.uniqueArray(fc.constantFrom('a', '[bc]', '*', 'd'), { minLength: 1 }),
  }),
)
const change = fc.tuple(environment, kind, key, entry).map(([target, what, name, configurationOf]): Step => {
  const put = what === 'flag' && configurationOf ? flagValue : configurationOf
  return {
    what: `${target}/${what}/${name} = ${JSON.stringify(put)}`,
    with: tenant => tenant.put(target, { [name]: put }, what),
  }
})
const rule = fc
  .record({ approvals: fc.nat(2), authorMayApprove: fc.boolean(), allowSkipping: fc.boolean(), frozen: fc.boolean() })
  .map(({ approvals, frozen, ...more }): Step => {
    const environments = [{ name: 'dev' }, { name: 'staging' }, { name: 'production', approvals }]
    const freeze = { name: 'x', from: '2026-02-13T00:00:00Z', to: '2026-02-13T08:00:00Z', overridableBy: ['ops'] }
    const part = { pipeline: { environments, ...more }, freezes: frozen ? [freeze] : [] }
    return { what: JSON.stringify(part), with: tenant => tenant.rule(part) }
  })
const later = fc.oneof(
  { weight: 6, arbitrary: at.map(validate) },
  { weight: 10, arbitrary: person.map(approve) },
  {
    weight: 8,
    arbitrary: fc.record({ now: at, by: person, overrideFreeze: fc.constantFrom(undefined, 'x') }).map(execute),
  },
  {
    weight: 2,
    arbitrary: fc.record({ at, by: person, expiresAfter: fc.constantFrom(undefined, 'PT1H') }).map(schedule),
  },
  { weight: 2, arbitrary: at.map(due) },
  { weight: 1, arbitrary: fc.boolean().map(force => rollBack({ force })) },
  { weight: 1, arbitrary: fc.constantFrom(command('RejectPromotion', {}), command('CancelPromotion', {})) },
)
const steps = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: later.map(commandStep) },
    { weight: 2, arbitrary: change },
    { weight: 1, arbitrary: rule },
  ),
  {
    minLength: 5,
    maxLength: 20,
    size: 'max',
  },
)
const start = fc.record({ request, changes: fc.array(change, { maxLength: 8 }) })

/** Prepares the environments so that there is always something to promote. */
function begin(tenant: TestTenant, changes: Step[]) {
  tenant.set('staging', { d: 1 })
  for (const step of changes) step.with(tenant)
}

/** The last event of a type. */
function lastOf<T extends PromotionEvent['type']>(events: PromotionEvent[], type: T) {
  return events.findLast((event): event is Extract<PromotionEvent, { type: T }> => event.type === type)
}

/** The entry and the revision of each key in the target. */
function targetEntries(tenant: TestTenant) {
  const target = tenant.environment('production')
  const names = (['configuration', 'flag'] as const).flatMap(what =>
    ['a', 'b', 'c', 'd'].map(name => [what, name] as const),
  )
  return new Map(
    names.map(([what, name]) => [
      `${what} ${name}`,
      { entry: entryOf(target, what, name), revision: revisionOf(target, what, name) },
    ]),
  )
}

let executions = 0
let rollbacks = 0

it('a promotion is executed only if it was validated, approved by a quorum without the author, and has not changed since', () => {
  fc.assert(
    fc.property(start, steps, ({ request: wanted, changes }, rest) => {
      const tenant = new TestTenant()
      begin(tenant, changes)
      tenant.given(create(wanted))
      let validatedTarget = targetEntries(tenant)
      for (const step of rest) {
        const before = targetEntries(tenant)
        const count = tenant.events.length
        step.with(tenant)
        const events = tenant.events.slice(count)
        if (lastOf(events, 'PromotionValidated')) validatedTarget = before
        const executed = lastOf(events, 'PromotionExecuted')
        if (!executed) continue
        executions++
        const earlier = tenant.events.slice(0, count)
        const validated = lastOf(earlier, 'PromotionValidated')!
        expect(validated.outcome).not.toBe('VALIDATION_FAILED')
        expect(validated.contentHash).toBe(executed.contentHash)
        const since = earlier.slice(earlier.lastIndexOf(lastOf(earlier, 'PromotionCreated')!))
        const { environments, authorMayApprove } = tenant.rules.pipeline
        const people = new Set(
          since.flatMap(event =>
            event.type === 'PromotionApproved' && event.contentHash === executed.contentHash
              ? [event.by.userId ?? event.by.userEmail]
              : [],
          ),
        )
        people.delete(undefined)
        if (!authorMayApprove) people.delete('dev')
        expect(people.size).toBeGreaterThanOrEqual(environments.at(-1)!.approvals ?? 0)
        for (const { kind: what, key: name, source, target } of validated.content!) {
          expect(before.get(`${what} ${name}`)).toEqual(validatedTarget.get(`${what} ${name}`))
          expect(before.get(`${what} ${name}`)!.entry).toEqual(target)
          expect(targetEntries(tenant).get(`${what} ${name}`)!.entry).toEqual(source)
        }
      }
    }),
    { numRuns: 1000 },
  )
  // Otherwise the property was not tested.
  expect(executions).toBeGreaterThan(100)
})

it('a promotion changes only its content, and nothing if it is rejected', () => {
  fc.assert(
    fc.property(
      start,
      fc.array(later, { minLength: 3, maxLength: 15, size: 'max' }),
      ({ request: wanted, changes }, commands) => {
        const tenant = new TestTenant().rule({
          pipeline: { environments: [{ name: 'staging' }, { name: 'production', approvals: 1 }] },
        })
        begin(tenant, changes)
        tenant.given(create(wanted))
        const source = tenant.environment('staging')
        for (const next of commands) {
          const before = targetEntries(tenant)
          const count = tenant.events.length
          const decision = tenant.when(next)
          const changed = tenant.events.slice(count).flatMap(event => ('changes' in event ? event.changes : []))
          expect(isRejection(decision) && tenant.events.length > count).toBe(false)
          const expected = new Map(before)
          const { revision } = tenant.environment('production')
          for (const { kind: what, key: name, after, restoredRevision } of changed)
            expected.set(`${what} ${name}`, { entry: after, revision: restoredRevision ?? revision })
          expect(targetEntries(tenant)).toEqual(expected)
          expect(tenant.environment('staging')).toBe(source)
        }
      },
    ),
    { numRuns: 500 },
  )
})

it('a rollback restores the target exactly as it was before the execution', () => {
  fc.assert(
    fc.property(start, fc.array(change, { maxLength: 4 }), ({ request: wanted, changes }, meanwhile) => {
      const tenant = new TestTenant()
      begin(tenant, changes)
      tenant.given(create(wanted), validate())
      fc.pre(tenant.promotion.state === 'VALIDATED')
      const before = [tenant.held('production'), tenant.held('production', 'flag')]
      tenant.given(approve(lead), approve(ops), execute())
      const touched = new Set(
        lastOf(tenant.events, 'PromotionExecuted')!.changes.map(each => `production/${each.kind}/${each.key} `),
      )
      const others = meanwhile.filter(({ what }) => ![...touched].some(name => what.startsWith(name)))
      const force = others.length < meanwhile.length
      const undisturbed = others.every(({ what }) => !what.startsWith('production/'))
      fc.pre(undisturbed)
      for (const step of meanwhile) step.with(tenant)
      expect(isRejection(tenant.when(rollBack()))).toBe(force)
      if (force) tenant.given(rollBack({ force }))
      rollbacks++
      expect([tenant.held('production'), tenant.held('production', 'flag')]).toEqual(before)
    }),
    { numRuns: 500 },
  )
  expect(rollbacks).toBeGreaterThan(100)
})

it('a replay gives the same state, and evolve accepts any event after the first', () => {
  fc.assert(
    fc.property(start, steps, ({ request: wanted, changes }, rest) => {
      const tenant = new TestTenant()
      begin(tenant, changes)
      tenant.given(create(wanted))
      for (const step of rest) step.with(tenant)
      const replayed = JSON.parse(JSON.stringify(tenant.events)) as PromotionEvent[]
      expect(JSON.parse(JSON.stringify(replayed.reduce(promotion.evolve, promotion.initial)))).toEqual(
        JSON.parse(JSON.stringify(tenant.promotion)),
      )
      const [first, ...others] = replayed
      for (const event of others.toReversed()) {
        expect(promotion.evolve(promotion.evolve(promotion.initial, first!), event)).toHaveProperty('state')
      }
    }),
  )
})

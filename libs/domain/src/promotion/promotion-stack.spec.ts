import fc from 'fast-check'
import { isRejection, type Json, type PromotionConflict, type Rejection } from '#libs/contracts'
import { configuration, contentOf, entryOf, promotion, promotionStreams, pipeline, revisionOf } from '#libs/domain'
import type { Configuration, ExistingPromotion } from '#libs/domain'

// Successive promotions of the same keys, with their target in memory.

const now = '2026-02-12T12:00:00Z'
const settings = { ...pipeline.initial, pipeline: { environments: [{ name: 'staging' }, { name: 'production' }] } }
const request = { sourceEnvironment: 'staging', targetEnvironment: 'production', promotionType: 'FULL' } as const
const keys = ['a', 'b', 'c']

class Stack {
  private readonly environments = new Map<string, Configuration>()
  private readonly promotions = new Map<string, ExistingPromotion>()

  set(environment: string, values: Record<string, Json | undefined>): this {
    const changes = Object.entries(values).map(([key, value]) => {
      return { kind: 'configuration' as const, key, ...(value !== undefined && { after: { value } }) }
    })
    return this.happened(environment, { type: 'ConfigurationChanged', environment, changedAt: now, changes })
  }

  /** Executes a promotion of all current differences. */
  execute(id: string): this {
    const common = { promotionId: id, now, by: { userId: 'ann' } }
    this.act(id, { type: 'CreatePromotion', ...common, tenant: 'acme', request })
    this.act(id, { type: 'ValidatePromotion', ...common, checked: this.checked() })
    const refused = this.act(id, { type: 'ExecutePromotion', ...common })
    if (refused) throw new Error(`${id} was not executed: ${refused.reason}`)
    return this
  }

  private checked() {
    const context = {
      tenant: 'acme',
      source: this.environment('staging'),
      target: this.environment('production'),
      settings,
    }
    return contentOf(request, context, { keys: [], unmatched: [] })
  }

  /** Returns the rejection, or `undefined` if the promotion was rolled back. */
  rollBack(id: string, force = false): Rejection | undefined {
    return this.act(id, { type: 'RollBackPromotion', promotionId: id, now, by: { userId: 'ann' }, force })
  }

  held(environment = 'production'): Record<string, unknown> {
    const state = this.environment(environment)
    return Object.fromEntries(
      keys.map(key => [key, [entryOf(state, 'configuration', key), revisionOf(state, 'configuration', key)]]),
    )
  }

  values(): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(this.held()).map(([key, configurationOf]) => [key, (configurationOf as unknown[])[0]]),
    )
  }

  private environment(name: string): Configuration {
    return this.environments.get(name) ?? configuration.initial
  }

  private happened(environment: string, event: Parameters<typeof configuration.evolve>[1]): this {
    // The index stores states as JSON.
    const state = configuration.evolve(this.environment(environment), event)
    this.environments.set(environment, JSON.parse(JSON.stringify(state)) as Configuration)
    return this
  }

  private act(id: string, command: Parameters<typeof promotion.decide>[0]): Rejection | undefined {
    const state = this.promotions.get(id) ?? promotion.initial
    const streams = promotionStreams('acme', { request }, settings)
    const contextStreams = new Map<string, unknown>([
      [streams.source, this.environment('staging')],
      [streams.target, this.environment('production')],
      [streams.pipeline, settings],
    ])
    const decision = promotion.decide(command, state, contextStreams)
    if (isRejection(decision)) return decision
    const { events, otherStreams = [] } = Array.isArray(decision) ? { events: decision } : decision
    this.promotions.set(id, events.reduce(promotion.evolve, state) as ExistingPromotion)
    for (const part of otherStreams) for (const event of part.events) this.happened('production', event as never)
    return undefined
  }
}

const conflicts = (rejection: Rejection | undefined) => rejection?.details?.['conflicts'] as PromotionConflict[]

describe('successive promotions of one key', () => {
  const three = () => {
    const stack = new Stack().set('production', { a: 0 })
    for (const n of [1, 2, 3]) stack.set('staging', { a: n }).execute(`p${n}`)
    return stack
  }

  it('can be rolled back from the newest to the oldest without force', () => {
    const stack = three()
    for (const n of [3, 2, 1]) {
      expect(stack.values()['a']).toEqual({ value: n })
      expect(stack.rollBack(`p${n}`)).toBeUndefined()
    }
    expect(stack.held()['a']).toEqual([{ value: 0 }, 1])
  })

  it('cannot be rolled back from the oldest; the rejection names the one to roll back first', () => {
    const stack = three()
    const refused = stack.rollBack('p1')
    expect(refused).toMatchObject({
      code: 'conflict',
      reason: expect.stringContaining('by promotion p3, which can be rolled back first'),
    })
    expect(conflicts(refused)).toMatchObject([{ key: 'a', promotionId: 'p3' }])
    expect([stack.rollBack('p3'), stack.rollBack('p2'), stack.rollBack('p1')]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  it('need force to be rolled back beyond a change that no promotion made', () => {
    const stack = three().set('production', { a: 9 })
    stack.set('staging', { a: 4 }).execute('p4')
    expect(stack.rollBack('p4')).toBeUndefined()
    expect(stack.values()['a']).toEqual({ value: 9 })
    const refused = stack.rollBack('p3')
    expect(conflicts(refused)).toEqual([expect.not.objectContaining({ promotionId: expect.anything() })])
    // With force, the state before p3 is restored, so the others can follow.
    expect(stack.rollBack('p3', true)).toBeUndefined()
    expect([stack.rollBack('p2'), stack.rollBack('p1')]).toEqual([undefined, undefined])
    expect(stack.values()['a']).toEqual({ value: 0 })
  })

  it('restore the absence of a key that was deleted between them', () => {
    const stack = new Stack().set('staging', { a: 1 }).execute('p1').set('production', { a: undefined })
    const absent = stack.held()['a']
    stack.set('staging', { a: 2 }).execute('p2')
    expect(stack.rollBack('p2')).toBeUndefined()
    expect(stack.held()['a']).toEqual(absent)
    expect(stack.rollBack('p1')).toMatchObject({ code: 'conflict' })
  })

  it('restore the value and revision of the key when rolled back', () => {
    const stack = new Stack().set('production', { a: 0 }).set('staging', { a: 1 })
    const before = stack.held()
    stack.execute('p1')
    expect(stack.rollBack('p1')).toBeUndefined()
    expect(stack.held()).toEqual(before)
  })
})

it('rolling back promotions from the newest to the oldest restores the entries and revisions before each of them', () => {
  const value = fc.option(fc.nat(3), { nil: undefined })
  const change = fc.record({ a: value, b: value, c: value })
  let rolledBack = 0
  fc.assert(
    fc.property(change, fc.array(change, { minLength: 1, maxLength: 5 }), fc.nat(2), (target, sources, again) => {
      const stack = new Stack().set('production', target)
      const befores: unknown[] = []
      const names: string[] = []
      // Promotes again what was rolled back.
      const push = (n: number) => {
        const name = `p${n}.${names.length}.${rolledBack}`
        befores.push(stack.held())
        stack.set('staging', { ...sources[n % sources.length], always: 0 }).execute(name)
        names.push(name)
      }
      sources.forEach((_, n) => push(n))
      for (let n = 0; n < again; n++) {
        expect(stack.rollBack(names.pop()!)).toBeUndefined()
        expect(stack.held()).toEqual(befores.pop())
        rolledBack++
        push(n)
      }
      while (names.length > 0) {
        expect(stack.rollBack(names.pop()!)).toBeUndefined()
        expect(stack.held()).toEqual(befores.pop())
        rolledBack++
      }
    }),
    { numRuns: 500 },
  )
  expect(rolledBack).toBeGreaterThan(1000)
})

import fc from 'fast-check'
import type { Person, PromotionEvent } from '#libs/contracts'
import { approve, command, create, execute, TestTenant, validate } from '#test/specs/domain/tenant'

/** People with several ids and addresses; an address may also be used as an id. */
const humans = [
  { ids: ['550e8400-e29b-41d4-a716-446655440001', 'zoë'], addresses: ['zoë@acme.example'] },
  { ids: ['550e8400-e29b-41d4-a716-446655440002'], addresses: ['lead@acme.example', 'lead@acme.test'] },
  { ids: ['ops', '550e8400-e29b-41d4-a716-446655440003'], addresses: ['ops@acme.example'] },
  { ids: ['ann'], addresses: ['ann@acme.example'] },
]

interface Spelled {
  /** One of the names in `humans`. */
  name: string
  /** Its spelling in the command. */
  text: string
}

const spellings: ((name: string) => string)[] = [
  name => name,
  name => name.toUpperCase(),
  name => name.replace(/^./, first => first.toUpperCase()),
  name => name.normalize('NFD'),
  name => name.replace('@', '\uff20'),
  name => (name.length === 36 ? name.replaceAll('-', '') : name),
  name => (name.length === 36 ? `{${name.toUpperCase()}}` : name),
  name => (name.length === 36 ? `urn:uuid:${name}` : name),
]
const spelled = (names: string[]) =>
  fc
    .tuple(fc.constantFrom(...names), fc.constantFrom(...spellings))
    .map(([name, spell]): Spelled => ({ name, text: spell(name) }))

interface Actor {
  names: string[]
  by: Person
}

const anyPerson = fc.constantFrom(...humans).chain(({ ids, addresses }) => {
  const id = fc.option(spelled([...ids, ...addresses]), { nil: undefined, freq: 4 })
  const email = fc.option(spelled(addresses), { nil: undefined, freq: 2 })
  return fc
    .tuple(id, email)
    .filter(names => names.some(name => name !== undefined))
    .map(([id, email]): Actor => ({
      names: [id, email].flatMap(name => (name ? [name.name] : [])),
      by: { ...(id && { userId: id.text }), ...(email && { userEmail: email.text }) },
    }))
})

type Step = { what: 'validate' | 'approve' | 'execute'; actor: Actor } | { what: 'change' | 'raise' | 'lower' }
const step = fc.oneof(
  { weight: 8, arbitrary: anyPerson.map((actor): Step => ({ what: 'approve', actor })) },
  { weight: 4, arbitrary: anyPerson.map((actor): Step => ({ what: 'execute', actor })) },
  { weight: 3, arbitrary: anyPerson.map((actor): Step => ({ what: 'validate', actor })) },
  { weight: 1, arbitrary: fc.constantFrom<Step[]>({ what: 'change' }, { what: 'raise' }, { what: 'lower' }) },
)

/** The number of distinct approvers other than the author: names that occur together belong to one person. */
function distinctPeople(author: string[], approvals: string[][], seen: string[][]): number {
  const groups: Set<string>[] = []
  for (const names of [author, ...approvals, ...seen]) {
    const sharing = groups.filter(group => names.some(name => group.has(name)))
    for (const group of sharing) groups.splice(groups.indexOf(group), 1)
    groups.push(new Set([...sharing.flatMap(group => [...group]), ...names]))
  }
  const counted = groups.filter(group => approvals.some(names => group.has(names[0]!)))
  return counted.filter(group => !group.has(author[0]!)).length
}

it('no sequence of commands executes a promotion with fewer distinct approvers than the quorum, whatever names they use', () => {
  const quorums: number[] = []
  let refused = 0
  fc.assert(
    fc.property(anyPerson, fc.array(step, { minLength: 4, maxLength: 24, size: 'max' }), (author, steps) => {
      const tenant = new TestTenant().set('staging', { a: 0 })
      let [quorum, value] = [2, 0]
      tenant.given(create({}, author.by), validate())
      let approvals: { names: string[]; contentHash: string }[] = []
      const seen: string[][] = []
      for (const next of steps) {
        if (next.what === 'change') tenant.set('staging', { a: ++value })
        if (next.what === 'raise' || next.what === 'lower') {
          quorum = next.what === 'raise' ? 3 : 2
          tenant.rule({ pipeline: { environments: [{ name: 'staging' }, { name: 'production', approvals: quorum }] } })
        }
        if (!('actor' in next)) continue
        const { by, names } = next.actor
        const count = tenant.events.length
        if (next.what === 'validate') tenant.when(command('ValidatePromotion', { by }))
        if (next.what === 'approve') tenant.when(approve(by))
        if (next.what === 'execute') tenant.when(execute({ by }))
        const events: PromotionEvent[] = tenant.events.slice(count)
        if (events.length === 0 && next.what === 'approve') refused++
        if (events.length > 0) seen.push(names)
        for (const event of events) {
          if (event.type === 'PromotionApproved') approvals.push({ names, contentHash: event.contentHash })
          if (event.type === 'PromotionValidated')
            approvals = approvals.filter(({ contentHash }) => contentHash === event.contentHash)
          if (event.type !== 'PromotionExecuted') continue
          const people = distinctPeople(
            author.names,
            approvals.map(approval => approval.names),
            seen,
          )
          expect(people).toBeGreaterThanOrEqual(quorum)
          quorums.push(quorum)
        }
      }
    }),
    { numRuns: 2000 },
  )
  // Otherwise the property was not tested.
  expect([2, 3].map(quorum => quorums.filter(reached => reached === quorum).length > 50)).toEqual([true, true])
  expect(refused).toBeGreaterThan(1000)
})

import type { Person, Pipeline, Rejection } from '#libs/contracts'
import {
  approve,
  author,
  command,
  create,
  execute,
  lead,
  now,
  ops,
  TestTenant,
  validate,
} from '#test/specs/domain/tenant'

const tenant = (by = author) => new TestTenant().set('staging', { a: 1 }).given(create({}, by), validate())
const pipelineOf = (approvals: number, authorMayApprove = false): Pipeline => ({
  environments: [{ name: 'staging' }, { name: 'production', approvals }],
  authorMayApprove,
})

describe('a quorum', () => {
  it.each([
    [0, ['APPROVED']],
    [1, ['VALIDATED', 'APPROVED']],
    [2, ['VALIDATED', 'VALIDATED', 'APPROVED']],
  ])('of %d requires that many approvals', (approvals, states) => {
    const given = new TestTenant().rule({ pipeline: pipelineOf(approvals) }).set('staging', { a: 1 })
    given.given(create(), validate())
    const reviewed = [given.promotion.state]
    for (const person of [lead, ops].slice(0, approvals)) reviewed.push(given.given(approve(person)).promotion.state)
    expect(reviewed).toEqual(states)
    expect(given.known.approvals).toHaveLength(approvals)
  })

  it.each([
    ['dev', 'staging', 'APPROVED', 1],
    ['staging', 'production', 'VALIDATED', 2],
    ['stage', 'prod', 'VALIDATED', 2],
  ])(
    'of the default pipeline from %s to %s: %s after one approval',
    (sourceEnvironment, targetEnvironment, state, quorum) => {
      const given = new TestTenant().set('dev', { a: 1 }).set('staging', { b: 1 })
      given.given(create({ sourceEnvironment, targetEnvironment }), validate(), approve(lead))
      expect(given.known).toMatchObject({ state, quorum })
    },
  )

  it('follows the current pipeline', () => {
    expect(
      tenant()
        .rule({ pipeline: pipelineOf(1) })
        .given(approve(lead)).promotion.state,
    ).toBe('APPROVED')
    const more = tenant()
      .rule({ pipeline: pipelineOf(3) })
      .given(approve(lead), approve(ops))
    expect(more.promotion.state).toBe('VALIDATED')
  })
})

describe('the four-eyes rule', () => {
  const uuid = '550e8400-e29b-41d4-a716-446655440001'
  const both: Person = { userId: 'dev', userEmail: 'Dev@acme.example' }

  it.each<[string, Person, Person]>([
    ['the same user id', author, { userId: 'dev', userEmail: 'other@acme.example' }],
    ['the same address without user ids', { userEmail: 'dev@acme.example' }, { userEmail: 'dev@acme.example' }],
    ['the same address in capitals', both, { userEmail: 'dev@ACME.example' }],
    ['the address of a known user id', both, { userEmail: 'dev@acme.example' }],
    ['an address used as a user id', { userId: 'dev@acme.example' }, { userEmail: 'dev@acme.example' }],
    ['a user id that equals the address', both, { userId: 'DEV@acme.example' }],
    ['the same user id in capitals', both, { userId: 'DEV' }],
    ['another user id with the same address', both, { userId: 'lead', userEmail: 'dev@acme.example' }],
    ['a UUID in capitals', { userId: uuid }, { userId: uuid.toUpperCase() }],
    ['a UUID without hyphens', { userId: uuid }, { userId: uuid.replaceAll('-', ''), userEmail: 'x@acme.example' }],
    ['a UUID in braces and as a URN', { userId: `{${uuid}}` }, { userId: `urn:uuid:${uuid}` }],
  ])('rejects the author, and a second approval by the same person: %s', (_, first, second) => {
    const own = tenant(first).when(approve(second)) as Rejection
    expect(own).toMatchObject({ code: 'unprocessable', reason: expect.stringMatching(/author .* cannot approve/) })
    const twice = tenant(ops).given(approve(first)).when(approve(second))
    expect(twice).toMatchObject({ code: 'unprocessable', reason: expect.stringMatching(/already approved/) })
  })

  it.each<[string, Person]>([
    ['another user id', { userId: 'lead' }],
    ['another user id and another address', { userId: 'lead', userEmail: 'lead@acme.example' }],
    ['an id and an address that are only similar', { userId: 'dev2', userEmail: 'dev@acme.example.org' }],
    ['another address', { userEmail: 'lead@acme.example' }],
  ])('accepts %s', (_, person) => {
    expect(tenant(both).when(approve(person))).toMatchObject([{ type: 'PromotionApproved', by: person, at: now }])
  })

  it.each<[string, Person[]]>([
    ['linked by one command', [{ userId: 'u1' }, { userId: 'u1', userEmail: 'a@acme.example' }]],
    [
      'linked by several commands',
      [
        { userId: 'u1' },
        { userId: 'U1', userEmail: 'b@acme.example' },
        { userId: 'u2', userEmail: 'B@acme.example' },
        { userId: 'u2', userEmail: 'a@acme.example' },
      ],
    ],
  ])('rejects the author under another name: %s', (_, [first, ...identities]) => {
    const given = tenant(first)
    for (const by of identities) given.given(command('ValidatePromotion', { by }))
    for (const by of [{ userEmail: 'a@ACME.example' }, { userId: 'u9', userEmail: 'a@acme.example' }]) {
      expect(given.when(approve(by))).toMatchObject({ reason: expect.stringMatching(/author .* cannot approve/) })
    }
    expect(given.given(approve(lead), approve(ops)).promotion.state).toBe('APPROVED')
  })

  it('counts the approvals of two identities as one when they turn out to be the same person', () => {
    const [byId, byAddress] = [{ userId: 'u1' }, { userEmail: 'u1@acme.example' }]
    const together = { ...byId, ...byAddress }
    const given = tenant().given(approve(byId), approve(byAddress))
    expect(given.promotion.state).toBe('APPROVED')
    expect(given.when(execute({ by: together }))).toMatchObject({
      code: 'conflict',
      reason: expect.stringMatching(/VALIDATED again, because the pipeline now requires 2 approvals, and it has 1/),
      details: { promotionState: 'VALIDATED' },
    })
    expect(given.when(approve(together))).toMatchObject({ reason: expect.stringMatching(/already approved/) })
    const other = tenant().given(approve(byId), command('ValidatePromotion', { by: together }))
    expect(other.when(approve(byAddress))).toMatchObject({ reason: expect.stringMatching(/already approved/) })
  })

  it('rejects every approval if the author is unknown, unless the author may approve', () => {
    const given = tenant({})
    expect(given.when(approve(lead))).toMatchObject({
      reason: expect.stringMatching(/author of this promotion is unknown/),
    })
    given.rule({ pipeline: pipelineOf(1, true) }).given(approve(lead))
    expect(given.promotion.state).toBe('APPROVED')
    given.rule({ pipeline: pipelineOf(1) })
    expect(given.when(execute())).toMatchObject({ code: 'conflict', details: { promotionState: 'VALIDATED' } })
  })

  it('rejects another person with an id and an address after 256 people, but not their cancellation', () => {
    const given = tenant()
    const personNumber = (n: number): Person => ({ userId: `u${n}`, userEmail: `u${n}@acme.example` })
    for (let n = 0; n < 256; n++) given.given(command('ValidatePromotion', { by: personNumber(n) }))
    given.given(command('ValidatePromotion', { by: personNumber(17) }), approve({ userId: 'u999' }))
    expect(given.when(approve(personNumber(256)))).toMatchObject({
      reason: expect.stringMatching(/256 people .* the limit/),
    })
    given.given(command('CancelPromotion', { by: personNumber(257) }))
  })

  it('rejects an approval without a person', () => {
    expect(tenant().when(approve({}))).toMatchObject({ code: 'unprocessable', reason: expect.stringMatching(/person/) })
  })

  it('counts the approval of the author only while the pipeline allows it', () => {
    const given = tenant()
      .rule({ pipeline: pipelineOf(1, true) })
      .given(approve(author))
    expect(given.promotion.state).toBe('APPROVED')
    given.rule({ pipeline: pipelineOf(1) })
    expect(given.when(execute())).toMatchObject({
      code: 'conflict',
      reason: expect.stringMatching(/requires 1 .* it has 0/),
    })
  })
})

describe('an approval', () => {
  const approved = () => tenant().given(approve(lead))

  it('is kept when the same content is validated again', () => {
    expect(approved().given(validate()).known.approvals).toMatchObject([lead])
    const again = approved().given(validate(), approve(ops))
    expect(again.promotion.state).toBe('APPROVED')
  })

  it('is kept when another key of the target changes', () => {
    const given = approved().set('production', { elsewhere: 1 }).given(validate())
    expect(given.known.approvals).toHaveLength(1)
  })

  it('becomes void when the source changes, and can be given again', () => {
    const given = approved().set('staging', { a: 2 }).given(validate())
    expect(given.known.approvals).toEqual([])
    expect(given.given(approve(lead), approve(ops)).promotion.state).toBe('APPROVED')
  })

  it('becomes void when the target changes and changes back', () => {
    const given = approved().set('production', { a: 2 }).put('production', { a: undefined }).given(validate())
    expect(given.known.approvals).toEqual([])
  })

  it('stays void if the pipeline requires fewer approvals', () => {
    const given = approved()
      .set('staging', { a: 2 })
      .rule({ pipeline: pipelineOf(1) })
      .given(validate())
    expect(given.known).toMatchObject({ state: 'VALIDATED', approvals: [] })
  })

  it('becomes void when the validation fails', () => {
    const given = approved()
      .rule({ pipeline: { environments: [{ name: 'staging' }] } })
      .given(validate())
    expect(given.known).toMatchObject({ state: 'VALIDATION_FAILED', approvals: [] })
  })

  it('is sufficient if the pipeline requires fewer approvals at the next validation', () => {
    expect(
      approved()
        .rule({ pipeline: pipelineOf(1) })
        .given(validate()).promotion.state,
    ).toBe('APPROVED')
  })
})

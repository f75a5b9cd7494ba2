import type { Person, Pipeline, Rejection } from '#libs/contracts'
import { approve, author, create, execute, lead, now, ops, TestTenant, validate } from './test-tenant.js'

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
  ])('of %d', (approvals, states) => {
    const given = new TestTenant().rule({ pipeline: pipelineOf(approvals) }).set('staging', { a: 1 })
    given.given(create(), validate())
    const seen = [given.promotion.state]
    for (const person of [lead, ops].slice(0, approvals)) seen.push(given.given(approve(person)).promotion.state)
    expect(seen).toEqual(states)
    expect(given.known.approvals).toHaveLength(approvals)
  })

  it.each([
    ['dev', 'staging', 'APPROVED', 1],
    ['staging', 'production', 'VALIDATED', 2],
    ['stage', 'prod', 'VALIDATED', 2],
  ])('by default, from %s to %s: after one approval %s', (sourceEnvironment, targetEnvironment, state, quorum) => {
    const given = new TestTenant().set('dev', { a: 1 }).set('staging', { b: 1 })
    given.given(create({ sourceEnvironment, targetEnvironment }), validate(), approve(lead))
    expect(given.known).toMatchObject({ state, quorum })
  })

  it('is what the pipeline asks for by now', () => {
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

describe('four eyes', () => {
  const both: Person = { userId: 'dev', userEmail: 'Dev@acme.example' }

  it.each<[string, Person, Person]>([
    ['the same user id', author, { userId: 'dev', userEmail: 'other@acme.example' }],
    ['the same address, and no user id', { userEmail: 'dev@acme.example' }, { userEmail: 'dev@acme.example' }],
    ['the same address in capitals', both, { userEmail: 'dev@ACME.example' }],
    ['the address of a known user id', both, { userEmail: 'dev@acme.example' }],
    ['an address that is a user id', { userId: 'dev@acme.example' }, { userEmail: 'dev@acme.example' }],
  ])('are not those of the author, or of the first to approve: %s', (_, first, second) => {
    const own = tenant(first).when(approve(second)) as Rejection
    expect(own).toMatchObject({ code: 'unprocessable', reason: expect.stringMatching(/author .* cannot approve/) })
    const twice = tenant(ops).given(approve(first)).when(approve(second))
    expect(twice).toMatchObject({ code: 'unprocessable', reason: expect.stringMatching(/approved it already/) })
  })

  it.each<[string, Person]>([
    ['another user id', { userId: 'lead' }],
    ['another user id with a shared address', { userId: 'lead', userEmail: 'dev@acme.example' }],
    ['another address', { userEmail: 'lead@acme.example' }],
  ])('are those of %s', (_, person) => {
    expect(tenant(both).when(approve(person))).toMatchObject([{ type: 'PromotionApproved', by: person, at: now }])
  })

  it("are somebody's", () => {
    expect(tenant().when(approve({}))).toMatchObject({ code: 'unprocessable', reason: expect.stringMatching(/person/) })
  })

  it("may be the author's where the pipeline says so, and count as long as it does", () => {
    const given = tenant()
      .rule({ pipeline: pipelineOf(1, true) })
      .given(approve(author))
    expect(given.promotion.state).toBe('APPROVED')
    given.rule({ pipeline: pipelineOf(1) })
    expect(given.when(execute())).toMatchObject({
      code: 'conflict',
      reason: expect.stringMatching(/asks for 1 .* 0 count/),
    })
  })
})

describe('an approval is of the content', () => {
  const approved = () => tenant().given(approve(lead))

  it('and is kept where it is validated again and nothing changed', () => {
    expect(approved().given(validate()).known.approvals).toMatchObject([lead])
    const again = approved().given(validate(), approve(ops))
    expect(again.promotion.state).toBe('APPROVED')
  })

  it('which does not change with what is elsewhere', () => {
    const given = approved().set('production', { elsewhere: 1 }).given(validate())
    expect(given.known.approvals).toHaveLength(1)
  })

  it('and void where the source changed, also for who approved before', () => {
    const given = approved().set('staging', { a: 2 }).given(validate())
    expect(given.known.approvals).toEqual([])
    expect(given.given(approve(lead), approve(ops)).promotion.state).toBe('APPROVED')
  })

  it('and void where the target changed there and back', () => {
    const given = approved().set('production', { a: 2 }).put('production', { a: undefined }).given(validate())
    expect(given.known.approvals).toEqual([])
  })

  it('and, void, not enough either where the pipeline asks for fewer', () => {
    const given = approved()
      .set('staging', { a: 2 })
      .rule({ pipeline: pipelineOf(1) })
      .given(validate())
    expect(given.known).toMatchObject({ state: 'VALIDATED', approvals: [] })
  })

  it('and void where it cannot be validated any more', () => {
    const given = approved()
      .rule({ pipeline: { environments: [{ name: 'staging' }] } })
      .given(validate())
    expect(given.known).toMatchObject({ state: 'VALIDATION_FAILED', approvals: [] })
  })

  it('and is enough where the pipeline asks for fewer when it is validated again', () => {
    expect(
      approved()
        .rule({ pipeline: pipelineOf(1) })
        .given(validate()).promotion.state,
    ).toBe('APPROVED')
  })
})

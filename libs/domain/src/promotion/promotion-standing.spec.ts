import type { Person, Pipeline, WantedRevision } from '#libs/contracts'
import { standingOf } from '#libs/domain'
import {
  approve,
  command,
  create,
  due,
  execute,
  lead,
  ops,
  schedule,
  TestTenant,
  validate,
} from '#test/specs/domain/tenant'

const tenant = () => new TestTenant().set('staging', { a: 1 }).given(create(), validate())
const pipelineOf = (approvals: number): Pipeline => ({
  environments: [{ name: 'staging' }, { name: 'production', approvals }],
})

describe('a pipeline that requires more approvals', () => {
  const approved = () => tenant().given(approve(lead), approve(ops))
  const third: Person = { userId: 'third' }

  it.each<[string, Parameters<typeof command>[0]]>([
    ['execute', 'ExecutePromotion'],
    ['schedule', 'SchedulePromotion'],
  ])('sets an approved promotion back to VALIDATED and rejects %s', (action, type) => {
    const given = approved().rule({ pipeline: pipelineOf(3) })
    expect(given.when(command(type, { at: '2026-02-13T06:00:00Z' } as never))).toMatchObject({
      code: 'conflict',
      reason: expect.stringMatching(
        /it is VALIDATED again, because the pipeline now requires 3 approvals, and it has 2/,
      ),
      details: { action, promotionState: 'VALIDATED', allowedActions: ['validate', 'approve', 'reject', 'cancel'] },
    })
    expect(standingOf(given.known, pipelineOf(3))).toMatchObject({ state: 'VALIDATED', quorum: 3 })
  })

  it('keeps the existing approvals and accepts the missing ones', () => {
    const given = approved().rule({ pipeline: pipelineOf(4) })
    expect(given.given(approve(third)).known).toMatchObject({
      state: 'VALIDATED',
      quorum: 4,
      approvals: [lead, ops, third],
    })
    expect(given.given(approve({ userId: 'fourth' })).known).toMatchObject({ state: 'APPROVED', quorum: 4 })
    expect(given.given(execute()).promotion.state).toBe('EXECUTED')
  })

  it.each<[string, Parameters<typeof command>[0], string]>([
    ['rejected', 'RejectPromotion', 'REJECTED'],
    ['validated again', 'ValidatePromotion', 'VALIDATED'],
    ['cancelled', 'CancelPromotion', 'CANCELLED'],
  ])('allows an approved promotion to be %s', (_, type, state) => {
    const given = approved()
      .rule({ pipeline: pipelineOf(3) })
      .given(command(type, {} as never))
    expect(given.known).toMatchObject({ state, approvals: [lead, ops] })
  })

  it('and then fewer again leaves the promotion executable', () => {
    const given = approved()
      .rule({ pipeline: pipelineOf(3) })
      .rule({ pipeline: pipelineOf(2) })
    expect(given.given(execute()).promotion.state).toBe('EXECUTED')
  })

  it('keeps a scheduled promotion SCHEDULED and fails it when it is due', () => {
    const given = approved()
      .given(schedule())
      .rule({ pipeline: pipelineOf(3) })
    expect(standingOf(given.known, pipelineOf(3)).state).toBe('SCHEDULED')
    expect(given.given(due()).known).toMatchObject({ state: 'FAILED', failure: expect.stringMatching(/it has 2/) })
  })
})

describe('a pipeline that no longer allows the promotion', () => {
  const backwards = { environments: [{ name: 'production' }, { name: 'staging' }] }

  it('sets it back to VALIDATION_FAILED with a finding until the pipeline allows it again', () => {
    const given = tenant().given(approve(lead), approve(ops)).rule({ pipeline: backwards })
    const found = [{ severity: 'error', detail: expect.stringMatching(/against the order/) }]
    expect(standingOf(given.known, backwards)).toMatchObject({ state: 'VALIDATION_FAILED', findings: found })
    expect(given.when(execute())).toMatchObject({
      code: 'conflict',
      details: { promotionState: 'VALIDATION_FAILED', allowedActions: ['validate', 'cancel'] },
    })
    given.rule({ pipeline: pipelineOf(2) }).given(execute())
    expect(given.promotion.state).toBe('EXECUTED')
  })
})

describe('preconditions', () => {
  const reversed = (hash = '') => [...hash].toReversed().join('')

  it.each<[string, WantedRevision]>([
    ['the current version', [2]],
    ['the current version among others', [9, 2]],
    ['*', '*'],
  ])('accept %s in If-Match of an approval', (_, ifMatch) => {
    expect(tenant().when(command('ApprovePromotion', { by: lead, ifMatch }))).toHaveLength(1)
  })

  it.each<[string, Parameters<typeof command>[0], (given: TestTenant) => TestTenant]>([
    ['validate', 'ValidatePromotion', given => given],
    ['approve', 'ApprovePromotion', given => given],
    ['reject', 'RejectPromotion', given => given],
    ['schedule', 'SchedulePromotion', given => given.given(approve(lead), approve(ops))],
    ['execute', 'ExecutePromotion', given => given.given(approve(lead), approve(ops))],
    ['rollback', 'RollBackPromotion', given => given.given(approve(lead), approve(ops), execute())],
    ['cancel', 'CancelPromotion', given => given],
  ])('reject another version in If-Match: %s', (_, type, prepare) => {
    const given = prepare(tenant())
    const { version } = given.known
    const what = { by: { userId: 'third' }, at: '2026-02-13T06:00:00Z' }
    for (const ifMatch of [[version - 1], [version + 1], [0], []]) {
      expect(given.when(command(type, { ...what, ifMatch } as never))).toMatchObject({
        code: 'precondition-failed',
        details: { revision: version },
      })
    }
    expect(given.known.version).toBe(version)
    given.given(command(type, { ...what, ifMatch: [version] } as never))
    expect(given.known.version).toBe(version + 1)
  })

  it('reject the content hash of an earlier validation with a conflict that has the current hash', () => {
    const given = tenant()
    const seen = given.known.contentHash
    given.set('staging', { a: 2 }).given(validate())
    const stale = given.when(command('ApprovePromotion', { by: lead, contentHash: seen }))
    expect(stale).toMatchObject({
      code: 'conflict',
      errors: [{ pointer: '/contentHash' }],
      details: { contentHash: given.known.contentHash },
    })
    expect(
      given.when(command('ApprovePromotion', { by: lead, contentHash: reversed(given.known.contentHash) })),
    ).toEqual(expect.objectContaining({ code: 'conflict' }))
    const contentHash = given.known.contentHash!.toUpperCase()
    expect(given.given(command('ApprovePromotion', { by: lead, contentHash })).known.approvals).toHaveLength(1)
  })
})

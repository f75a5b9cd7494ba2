import { randomUUID } from 'node:crypto'
import type { Pipeline, PromotionState } from '#libs/contracts'
import { Decided } from '#test/specs/read-models/decided'
import { GivenLog } from '#test/specs/read-models/given-log'
import { findPromotion, promotionsPage } from '../index.js'

let log: GivenLog
let tenant: Decided

beforeAll(async () => {
  log = await GivenLog.start()
})
afterAll(() => log.end())
beforeEach(() => {
  tenant = new Decided(`tenant-${randomUUID().slice(0, 8)}`)
})

const withApprovals = (approvals: number, more: Partial<Pipeline> = {}): Pipeline => ({
  environments: [{ name: 'staging' }, { name: 'production', approvals }],
  ...more,
})

/** A validated promotion with that many approvals. */
function approved(approvals = 2): string {
  const { id, events } = tenant.promote()
  log.append([...events, ...tenant.act(id, 'ValidatePromotion', {})])
  for (let n = 0; n < approvals; n++) {
    log.append(tenant.act(id, 'ApprovePromotion', { by: { userId: `approver ${n}` } } as never))
  }
  return id
}

async function presented(id: string): Promise<Record<string, unknown>> {
  const { body } = await findPromotion(log.query, tenant.tenant, id)
  return JSON.parse(body!.json) as Record<string, unknown>
}

async function ids(state: PromotionState): Promise<unknown[]> {
  const { body } = await promotionsPage(log.query, { tenant: tenant.tenant, filters: { state: [state] }, limit: 500 })
  return (JSON.parse(body.json) as { id: string }[]).map(({ id }) => id)
}

describe.each([
  ['event by event', [1]],
  ['in one batch', [Infinity]],
])('a promotion after a change of the pipeline, projected %s', (_, sizes) => {
  test('is VALIDATED instead of APPROVED while it lacks approvals for a raised quorum', async () => {
    log.append(tenant.set('staging', { a: 1 }))
    const id = approved()
    log.append(tenant.putPipeline(withApprovals(3)))
    await log.project(sizes)
    expect(await presented(id)).toMatchObject({
      state: 'VALIDATED',
      quorum: 3,
      allowedActions: ['validate', 'approve', 'reject', 'cancel'],
      approvals: [{ userId: 'approver 0' }, { userId: 'approver 1' }],
    })
    expect([await ids('VALIDATED'), await ids('APPROVED')]).toEqual([[id], []])
    log.append(tenant.putPipeline(withApprovals(2)))
    await log.project(sizes)
    expect(await presented(id)).toMatchObject({ state: 'APPROVED', quorum: 2 })
    log.append(tenant.putPipeline(withApprovals(3)))
    log.append(tenant.act(id, 'ApprovePromotion', { by: { userId: 'the third' } } as never))
    await log.project(sizes)
    expect(await presented(id)).toMatchObject({
      state: 'APPROVED',
      quorum: 3,
      allowedActions: ['schedule', 'execute', 'cancel'],
    })
    expect([await ids('VALIDATED'), await ids('APPROVED')]).toEqual([[], [id]])
  })

  test('is VALIDATED instead of APPROVED where the approval of its author no longer counts', async () => {
    log.append([
      ...tenant.set('staging', { a: 1 }),
      ...tenant.putPipeline(withApprovals(1, { authorMayApprove: true })),
    ])
    const { id, events } = tenant.promote()
    log.append([...events, ...tenant.act(id, 'ValidatePromotion', {}), ...tenant.act(id, 'ApprovePromotion', {})])
    await log.project(sizes)
    expect(await presented(id)).toMatchObject({ state: 'APPROVED' })
    log.append(tenant.putPipeline(withApprovals(1)))
    await log.project(sizes)
    expect(await presented(id)).toMatchObject({ state: 'VALIDATED', approvals: [{ userId: 'ann' }] })
  })

  test('is VALIDATION_FAILED with a finding where the pipeline no longer allows its environments', async () => {
    log.append(tenant.set('staging', { a: 1 }))
    const id = approved()
    log.append(tenant.putPipeline({ environments: [{ name: 'staging' }, { name: 'qa' }, { name: 'production' }] }))
    await log.project(sizes)
    expect(await presented(id)).toMatchObject({
      state: 'VALIDATION_FAILED',
      findings: [{ severity: 'error', detail: expect.stringContaining('skips qa') }],
      allowedActions: ['validate', 'cancel'],
    })
    expect(await ids('VALIDATION_FAILED')).toEqual([id])
  })

  test('has the new quorum where it waits for approvals, and the old one where it is scheduled or executed', async () => {
    log.append(tenant.set('staging', { a: 1 }))
    const waiting = approved(1)
    const scheduled = approved()
    log.append(tenant.act(scheduled, 'SchedulePromotion', { at: '2099-01-01T00:00:00Z' }))
    const executed = approved()
    log.append(tenant.act(executed, 'ExecutePromotion', {}))
    await log.project(sizes)
    log.append(tenant.putPipeline(withApprovals(5)))
    await log.project(sizes)
    expect(await presented(waiting)).toMatchObject({ state: 'VALIDATED', quorum: 5 })
    expect(await presented(scheduled)).toMatchObject({ state: 'SCHEDULED', quorum: 2 })
    expect(await presented(executed)).toMatchObject({ state: 'EXECUTED', quorum: 2 })
  })
})

import { randomUUID } from 'node:crypto'
import { Decided } from '#test/specs/read-models/decided'
import { GivenLog, partitionOf, recorded } from '#test/specs/read-models/given-log'
import { findPromotion, findPromotionEvents, promotionsPage, type PromotionFilters } from '../index.js'

let log: GivenLog
let tenant: Decided

beforeAll(async () => {
  log = await GivenLog.start()
})
afterAll(() => log.end())
beforeEach(() => {
  tenant = new Decided(`tenant-${randomUUID().slice(0, 8)}`)
})

type Presented = Record<string, unknown>

async function one(id: string): Promise<Presented | undefined> {
  const { body } = await findPromotion(log.query, tenant.tenant, id)
  return body === undefined ? undefined : (JSON.parse(body.json) as Presented)
}

async function trail(id: string): Promise<Presented[] | undefined> {
  const { body } = await findPromotionEvents(log.query, tenant.tenant, id)
  return body === undefined ? undefined : (JSON.parse(body) as Presented[])
}

async function ids(filters: PromotionFilters = {}): Promise<unknown[]> {
  const { body } = await promotionsPage(log.query, { tenant: tenant.tenant, filters, limit: 500 })
  return (JSON.parse(body.json) as Presented[]).map(({ id }) => id)
}

/** A promotion from draft to execution; the events of each command are one batch. */
async function executed(): Promise<string> {
  const { id, events } = tenant.promote({ notes: 'why' })
  const batches = [events, tenant.act(id, 'ValidatePromotion', {})]
  for (const person of ['bob', 'cy']) {
    tenant.by = person
    batches.push(tenant.act(id, 'ApprovePromotion', { comment: `says ${person}` }))
  }
  batches.push(tenant.act(id, 'ExecutePromotion', {}))
  for (const batch of batches) await log.given(...batch)
  return id
}

describe('a promotion', () => {
  beforeEach(async () => {
    await log.given(...tenant.set('staging', { a: 1, b: 2 }), ...tenant.keepSecret('staging', 'password', 'hunter2'))
    await log.given(...tenant.set('production', { b: 1 }))
  })

  test('is presented as its events define it, to its tenant only', async () => {
    const id = await executed()
    expect(await one(id)).toMatchObject({
      id,
      sourceEnvironment: 'staging',
      targetEnvironment: 'production',
      promotionType: 'FULL',
      notes: 'why',
      state: 'EXECUTED',
      createdBy: { userId: 'ann' },
      quorum: 2,
      approvals: [{ userId: 'bob' }, { userId: 'cy' }],
      conflicts: [],
      findings: [],
      allowedActions: ['rollback'],
      version: 5,
      position: expect.stringMatching(/^\d+:\d+$/),
    })
    expect(await one(randomUUID())).toBeUndefined()
    tenant = new Decided(`${tenant.tenant}-other`)
    expect(await one(id)).toBeUndefined()
  })

  test('has a trail of events with actor and changes, secrets masked', async () => {
    const id = await executed()
    const events = (await trail(id))!
    expect(events.map(({ type, actor }) => [type, actor])).toEqual([
      ['io.shiplog.promotion.created.v1', 'ann'],
      ['io.shiplog.promotion.validated.v1', 'ann'],
      ['io.shiplog.promotion.approved.v1', 'bob'],
      ['io.shiplog.promotion.approved.v1', 'cy'],
      ['io.shiplog.promotion.executed.v1', 'cy'],
    ])
    const logged = log.records(partitionOf(tenant.tenant)).map(({ headers }) => String(headers['ce_id']))
    const seqs = events.map(({ position }) => Number(String(position).split(':')[1]))
    expect(events.map(({ eventId }) => eventId)).toEqual(seqs.map(seq => logged[seq - 1]))
    const secret = { value: '********', secret: true }
    expect(events[1]!['data']).toMatchObject({
      content: [{ key: 'a' }, { key: 'b' }, { key: 'password', source: secret }],
    })
    expect(events[4]!['data']).toMatchObject({
      changes: [
        { key: 'a', after: { value: 1 } },
        { key: 'b', before: { value: 1 }, after: { value: 2 } },
        { key: 'password', after: secret },
      ],
    })
    expect(JSON.stringify(events)).not.toMatch(/sealed|keyed hash/)
    expect(await trail(randomUUID())).toBeUndefined()
  })

  test('is stored with its fields in the same order for any batches', async () => {
    const orders: string[][] = []
    for (const sizes of [[1], [Infinity]]) {
      const { id, events } = tenant.promote()
      log.append([...events, ...tenant.act(id, 'ValidatePromotion', {})])
      for (const person of ['bob', 'cy']) {
        tenant.by = person
        log.append(tenant.act(id, 'ApprovePromotion', {}))
      }
      log.append(tenant.act(id, 'SchedulePromotion', { at: tenant.now }))
      log.append(tenant.act(id, 'ExecutePromotion', { scheduled: true }))
      await log.project(sizes)
      tenant.by = 'ann'
      const text = 'SELECT promotion FROM read_v1.promotion WHERE promotion_id = $1'
      const [row] = await log.query<{ promotion: object }>({ text, values: [id] })
      orders.push(Object.keys(row!.promotion))
      await log.given(...tenant.act(id, 'RollBackPromotion', {}))
    }
    expect(orders[0]).toContain('scheduledAt')
    expect(orders[1]).toEqual(orders[0])
  })

  test('references the deployment that brought its image', async () => {
    const image = { application: 'checkout', imageTag: 'v2' }
    const { id, events } = tenant.promote({ promotionType: 'SELECTIVE', image })
    await log.given(
      ...tenant.putPipeline({ environments: [{ name: 'staging' }, { name: 'production', aliases: ['live'] }] }),
    )
    await log.given(...events, ...tenant.act(id, 'ValidatePromotion', {}))
    const deployed = (facts: object) =>
      recorded({ ...image, tenant: tenant.tenant, environment: 'live', recordedTime: '2026-02-12T10:00:00Z', ...facts })
    await log.given(deployed({ deployedAt: '2026-02-12T12:00:00Z' }))
    expect(await one(id)).not.toHaveProperty('deploymentId')
    tenant.now = '2026-02-12T10:10:00Z'
    await log.given(...tenant.act(id, 'ExecutePromotion', {}))
    expect(await one(id)).not.toHaveProperty('deploymentId')
    const recordedTime = '2026-02-12T10:20:00Z'
    const ours = deployed({ recordedTime: '2026-02-12T10:30:00Z' })
    await log.given(
      deployed({ recordedTime, environment: 'staging' }),
      deployed({ recordedTime, imageTag: 'v3' }),
      deployed({ recordedTime, application: 'search' }),
      deployed({ recordedTime, labels: { 'shiplog.io/promotion': randomUUID() } }),
      ours,
    )
    expect(await one(id)).toMatchObject({ deploymentId: ours.id })
    const labelled = deployed({ labels: { 'shiplog.io/promotion': id } })
    await log.given(labelled)
    expect(await one(id)).toMatchObject({ deploymentId: labelled.id })
    const correlated = { ...deployed({}), correlationId: id }
    await log.given(correlated)
    expect(await one(id)).toMatchObject({ deploymentId: correlated.id })
  })

  test('is listed newest first, filtered by state and by any name of its environments', async () => {
    tenant.now = '2026-02-12T11:00:00Z'
    const draft = tenant.promote({ targetEnvironment: 'PROD' })
    await log.given(...draft.events)
    tenant.now = '2026-02-12T12:00:00Z'
    const toStaging = tenant.promote({ sourceEnvironment: 'development', targetEnvironment: 'stage' })
    const cancelled = tenant.promote({})
    await log.given(...toStaging.events, ...cancelled.events, ...tenant.act(cancelled.id, 'CancelPromotion', {}))
    expect(await ids()).toEqual([cancelled.id, toStaging.id, draft.id])
    expect(await ids({ state: ['DRAFT'] })).toEqual([toStaging.id, draft.id])
    expect(await ids({ state: ['CANCELLED', 'EXECUTED'] })).toEqual([cancelled.id])
    expect(await ids({ target: 'production' })).toEqual([cancelled.id, draft.id])
    expect(await ids({ target: 'staging', source: 'dev' })).toEqual([toStaging.id])
    expect(await ids({ target: ' Prod' })).toEqual([cancelled.id, draft.id])
    expect(await ids({ target: 'nowhere' })).toEqual([])

    const first = await promotionsPage(log.query, { tenant: tenant.tenant, filters: {}, limit: 2 })
    const { next: cursor } = first.body
    const rest = await promotionsPage(log.query, { tenant: tenant.tenant, filters: {}, limit: 2, cursor })
    expect((JSON.parse(rest.body.json) as Presented[]).map(({ id }) => id)).toEqual([draft.id])
    expect(rest.body.next).toBeUndefined()
  })

  test('is the same when projected in one batch as event by event', async () => {
    const id = await executed()
    const presented = await one(id)
    tenant = new Decided(tenant.tenant.replace(/.$/, '!'))
    log.append(tenant.set('staging', { a: 1, b: 2 }))
    log.append(tenant.keepSecret('staging', 'password', 'hunter2'))
    log.append(tenant.set('production', { b: 1 }))
    const { id: other, events } = tenant.promote({ notes: 'why' })
    log.append([...events, ...tenant.act(other, 'ValidatePromotion', {})])
    for (const person of ['bob', 'cy']) {
      tenant.by = person
      log.append(tenant.act(other, 'ApprovePromotion', { comment: `says ${person}` }))
    }
    log.append(tenant.act(other, 'ExecutePromotion', {}))
    await log.project()
    const same = { id: 0, position: 0, contentHash: 0 }
    const withoutHash = (approvals: unknown) =>
      (approvals as Presented[]).map(approval => ({ ...approval, contentHash: 0 }))
    const atOnce = (await one(other))!
    expect({ ...atOnce, approvals: withoutHash(atOnce['approvals']), ...same }).toEqual({
      ...presented,
      approvals: withoutHash(presented!['approvals']),
      ...same,
    })
  })
})

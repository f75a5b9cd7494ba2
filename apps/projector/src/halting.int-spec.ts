import { deployments, type Projection } from '#libs/read-models'
import { type ForeignRecord, writeForeignRecord } from '#test/independent/log/foreign-record'
import { afterwards, recorded } from '#test/specs/read-models/given-log'
import {
  deploymentsOf,
  numbered,
  one,
  other,
  otherPartition,
  partition,
} from '#test/specs/read-models/many-deployments'
import { WrittenLog } from '#test/specs/read-models/written-log'
import * as stack from '#test/kit'
import { Projecting } from '#test/kit/apps/projecting'

let log: WrittenLog
let projecting: Projecting

beforeEach(async () => {
  log = await WrittenLog.start()
  projecting = await Projecting.start(stack, log.topic)
})
afterEach(async () => {
  await projecting.end()
  await log.end()
})

test('halts a partition before a gap and reports it, while other partitions continue', async () => {
  // given
  await log.write(...deploymentsOf(one, 2))
  log.loseEvents(partition, 3)
  await log.write(...deploymentsOf(one, 1, 3), ...deploymentsOf(other, 2))

  // when
  const projector = await projecting.project()
  await projecting.reach(new Map([[otherPartition, 2]]))
  await projecting.ready(projector, false)
  await stack.until(
    async () => (await projector.readyz()).parts['projector']!.detail?.includes('halted'),
    'the gap to be detected',
  )

  // then
  const { status, parts } = await projector.readyz()
  expect(status).toBe(503)
  expect(parts['projector']!.detail).toContain(`partition ${partition} is halted: a gap: after event 2 comes event 6`)
  expect(await projector.metric('shiplog_projector_halted', `{partition="${partition}"}`)).toBe(1)
  expect(await projecting.tags(one)).toEqual(['v1', 'v2'])
  await log.write(...deploymentsOf(other, 1, 3))
  await projecting.reach(new Map([[otherPartition, 3]]))
})

test('parks an event of an unknown type, projects those before it and none after it', async () => {
  // given
  const type = 'io.shiplog.deployment.teleported.v9'
  await log.write(...deploymentsOf(one, 700))
  await log.writeChanged(deploymentsOf(one, 1, 701)[0]!, record => ({
    ...record,
    headers: { ...record.headers, ce_type: type },
  }))
  await log.write(...deploymentsOf(one, 100, 702), ...deploymentsOf(other, 2))

  // when
  const projector = await projecting.project()
  await projecting.untilParked()
  await projecting.reach(new Map([[otherPartition, 2]]))

  // then
  expect(await projecting.parked()).toEqual([{ partition, seq: '701', type, reason: `unknown event type ${type}` }])
  expect((await projecting.position(partition))!.seq).toBe(700)
  await projecting.ready(projector, false)
  const { status, parts } = await projector.readyz()
  expect(status).toBe(503)
  expect(parts['projector']!.detail).toContain(`partition ${partition} is halted: event 701`)
  expect(parts['kafka']).toEqual({ ok: true })
})

test('halts before an event without a handler, reports it in /readyz, and applies it after a restart with a handler', async () => {
  // given: a version that has no handler of rollbacks
  const withoutHandler: Projection = {
    name: deployments.name,
    async apply(connection, events) {
      if (events.some(({ event }) => event.type === 'DeploymentRolledBack')) throw new Error('no handler')
      await deployments.apply(connection, events)
    },
  }
  const [first, ...later] = deploymentsOf(one, 200)
  const rolledBack = afterwards(first!, { type: 'DeploymentRolledBack', rolledBackAt: '2026-01-02T00:00:00Z' })
  await log.write(first!, rolledBack, ...later, ...deploymentsOf(other, 2))

  // when
  const older = await projecting.project({ projection: withoutHandler })
  await projecting.untilParked()
  await projecting.reach(new Map([[otherPartition, 2]]))
  await projecting.ready(older, false)

  // then
  const { status, parts } = await older.readyz()
  expect([status, parts['projector']]).toMatchObject([
    503,
    {
      detail: expect.stringMatching(
        `partition ${partition} is halted: event 2 at offset 1 \\(io.shiplog.deployment.rolledback.v1\\) .*no handler`,
      ),
      halted: [{ partition, seq: 1 }],
    },
  ])
  expect(await projecting.tags(one)).toEqual(['v1'])
  await projecting.stop(older)

  // when: a version with the handler starts
  const newer = await projecting.project()
  await projecting.reach(log.positions)

  // then
  expect(await projecting.counts()).toEqual({ events: 203, rows: 202 })
  await stack.until(async () => (await projecting.parked()).length === 0, 'nothing to be parked any more')
  await projecting.ready(newer)
})

test('parks the one event of a batch that Postgres rejects, and continues after a restart once the cause is removed', async () => {
  // given: Postgres rejects one of a thousand events
  const { query } = projecting.readModels
  const history = 'ALTER TABLE read_v1.deployment_history'
  await query({ text: `${history} ADD CONSTRAINT no_v333 CHECK (image_tag <> 'v333')`, values: [] })
  await log.write(...deploymentsOf(one, 1000))
  const before = await projecting.project()
  await projecting.untilParked()
  expect(await projecting.parked()).toEqual([
    expect.objectContaining({ partition, seq: '333', reason: expect.stringContaining('no_v333') }),
  ])
  expect(await projecting.tags(one)).toEqual(numbered(1, 332))

  // when: the same version starts again, it halts again
  await projecting.stop(before)
  const again = await projecting.project()
  const halted = async () => (await again.readyz()).parts['projector']?.detail?.includes('halted')
  await stack.until(halted, 'it to halt again')
  await projecting.stop(again)

  // when: the cause is removed, and it starts again
  await query({ text: `${history} DROP CONSTRAINT no_v333`, values: [] })
  const fixed = await projecting.project()
  await projecting.reach(log.positions)

  // then
  expect(await projecting.tags(one)).toEqual(numbered(501, 1000))
  await stack.until(async () => (await projecting.parked()).length === 0, 'nothing to be parked any more')
  await projecting.ready(fixed)
})

test('resumes automatically once another process has applied the event', async () => {
  // given
  const { query } = projecting.readModels
  const history = 'ALTER TABLE read_v1.deployment_history'
  await query({ text: `${history} ADD CONSTRAINT no_v2 CHECK (image_tag <> 'v2')`, values: [] })
  await log.write(...deploymentsOf(one, 3))
  const halted = await projecting.project({ group: 'one' })
  await projecting.untilParked()
  await projecting.ready(halted, false)

  // when: another process can apply it, as a newer version would
  await query({ text: `${history} DROP CONSTRAINT no_v2`, values: [] })
  const newer = await projecting.project({ group: 'another' })
  await projecting.reach(log.positions)
  await projecting.stop(newer)

  // then
  await projecting.ready(halted)
  await log.write(...deploymentsOf(one, 1, 4))
  await projecting.reach(log.positions)
  expect(await projecting.tags(one)).toEqual(numbered(1, 4))
})

test.each([
  ['a NUL character', { notes: 'a\0b' }, 'contains a NUL character'],
  ['a NUL in a label', { labels: { team: '\0' } }, 'contains a NUL character'],
  ['a lone surrogate', { notes: '\ud800' }, 'contains a lone surrogate'],
  ['a day that does not exist', { deployedAt: '2026-02-30T00:00:00Z' }, 'deployedAt'],
])('parks an event that contains %s, and keeps those before it readable', async (_name, facts, reason) => {
  const [good, bad] = [{ imageTag: 'v1' }, { imageTag: 'v2', ...facts }]
  await log.write(recorded({ application: one, ...good }), recorded({ application: one, ...bad }))
  await projecting.project()
  await projecting.untilParked()
  expect((await projecting.parked())[0]!.reason).toContain(reason)
  expect(await projecting.tags(one)).toEqual(['v1'])
})

test.each<[string, (headers: Record<string, string>) => ForeignRecord['headers'], string]>([
  [
    'two ce_tenant headers',
    headers => ({ ...headers, ce_tenant: ['acme', 'other'] }),
    'header ce_tenant is there more than once',
  ],
  [
    'two ce_ledgerseq headers',
    headers => ({ ...headers, ce_ledgerseq: ['1', '2'] }),
    'ce_ledgerseq is there more than once',
  ],
  ['an id with a NUL character', headers => ({ ...headers, ce_id: 'a\0b' }), 'header ce_id is no UUID'],
  ['a type of 1 MiB', headers => ({ ...headers, ce_type: 'x'.repeat(1024 * 1024) }), 'unknown event type xxx'],
  ['a type with a NUL character', headers => ({ ...headers, ce_type: 'a\0b' }), 'unknown event type a'],
])('parks a foreign record with %s and reports it, while other partitions continue', async (_name, change, reason) => {
  // given: a foreign record behind an event of the ledger
  await log.write(...deploymentsOf(one, 1))
  const [event] = log.encoded(...deploymentsOf(one, 1, 2))
  const { key, value, headers } = event!
  await writeForeignRecord(stack.brokers(), log.topic, partition, { key, value, headers: change(headers) })
  await log.write(...deploymentsOf(other, 1))

  // when
  const projector = await projecting.project()
  await projecting.untilParked()
  await projecting.reach(new Map([[otherPartition, 1]]))
  await projecting.ready(projector, false)

  // then
  const [parked] = await projecting.parked()
  expect(parked!.reason).toContain(reason)
  expect(parked!.type.length).toBeLessThanOrEqual(4000)
  const { status, parts } = await projector.readyz()
  expect([status, parts['projector']!.detail]).toEqual([503, expect.stringContaining(reason)])
  expect(parts['projector']!.detail!.length).toBeLessThan(1000)
  expect(await projector.metric('shiplog_projector_halted', `{partition="${partition}"}`)).toBe(1)
  expect(await projecting.tags(one)).toEqual(['v1'])
})

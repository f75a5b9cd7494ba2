import { randomUUID } from 'node:crypto'
import { afterwards } from '#test/specs/read-models/given-log'
import { deploymentsOf, numbered, one, other, partition } from '#test/specs/read-models/many-deployments'
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

test('follows the log, and continues after a restart', async () => {
  // given: events from before the projector, in several partitions
  const [first] = deploymentsOf(one, 1)
  await log.write(first!, ...deploymentsOf(other, 3))
  const before = await projecting.project()
  await projecting.reach(log.positions)
  expect(await projecting.tags(one)).toEqual(['v1'])
  await projecting.stop(before)

  // when: more is written while it is stopped, and it starts again
  await log.write(afterwards(first!, { type: 'DeploymentRolledBack', rolledBackAt: '2026-01-02T00:00:00Z' }))
  await log.write(...deploymentsOf(one, 2500, 2))
  const after = await projecting.project()
  await projecting.reach(log.positions)

  // then: each event is there once
  expect(await projecting.tags(one)).toEqual(numbered(2002, 2501))
  expect(await projecting.counts()).toEqual({ events: 2505, rows: 2504 })
  expect(await after.metric('shiplog_projector_events_total', `{partition="${partition}"}`)).toBe(2501)
  await projecting.ready(after)
})

test('projects small batches of several partitions in one transaction', async () => {
  // given: a few events each, in one fetch
  await log.write(...deploymentsOf(one, 5), ...deploymentsOf(other, 5))

  // when
  const projector = await projecting.project()
  await projecting.reach(log.positions)

  // then
  await stack.until(
    async () => (await projector.metric('shiplog_projector_batch_events_count', '')) === 1,
    'one transaction to be counted',
  )
  expect(await projector.metric('shiplog_projector_batch_events_sum', '')).toBe(10)
  expect(await projector.metric('shiplog_projector_events_total', `{partition="${partition}"}`)).toBe(5)
  expect(await projecting.tags(other)).toEqual(numbered(1, 5))
})

test('starts at the stored positions, not at the offsets that its group has committed', async () => {
  // given: a group that has read everything, and tables that are empty again
  const group = randomUUID()
  await log.write(...deploymentsOf(one, 5))
  const before = await projecting.project({ group })
  await projecting.reach(log.positions)
  await projecting.stop(before)
  await projecting.forget()

  // when
  await projecting.project({ group })
  await projecting.reach(log.positions)

  // then
  expect(await projecting.tags(one)).toEqual(numbered(1, 5))
})

test('reads events again when the database is restored while it runs', async () => {
  // given
  const projector = await projecting.project()
  await log.write(...deploymentsOf(one, 5))
  await projecting.reach(log.positions)

  // when: the read models are reset, and more is written
  await projecting.forget()
  await log.write(...deploymentsOf(one, 1, 6))
  await projecting.reach(log.positions)

  // then
  expect(await projecting.tags(one)).toEqual(numbered(1, 6))
  await projecting.ready(projector)
})

test('skips events that the log repeats, and counts them', async () => {
  // given: the last event again, with the same ledgerseq
  const [first, second] = deploymentsOf(one, 2)
  await log.write(first!)
  const seq = String(log.lastSeq(partition))
  await log.writeChanged(first!, record => ({ ...record, headers: { ...record.headers, ce_ledgerseq: seq } }))
  log.loseEvents(partition, -1)
  await log.write(second!)

  // when
  const projector = await projecting.project()
  await projecting.reach(log.positions)

  // then
  expect(await projecting.tags(one)).toEqual(['v1', 'v2'])
  expect(await projector.metric('shiplog_projector_skipped_total', `{partition="${partition}"}`)).toBe(1)
})

test('projects each event once when two projectors own the same partitions', async () => {
  // given: two projectors in groups of their own, as after a rebalance with a paused zombie
  await log.write(...deploymentsOf(one, 3000), ...deploymentsOf(other, 500))
  const alone = () => projecting.project({ group: randomUUID() })
  const pair = await Promise.all([alone(), alone()])

  // when
  await projecting.reach(log.positions)
  await log.write(...deploymentsOf(one, 50, 3001))
  await projecting.reach(log.positions)

  // then
  expect(await projecting.tags(one)).toEqual(numbered(2551, 3050))
  expect(await projecting.counts()).toEqual({ events: 3550, rows: 3550 })
  const projected = await Promise.all(
    pair.map(projector => projector.metric('shiplog_projector_events_total', `{partition="${partition}"}`)),
  )
  expect(projected.reduce<number>((sum, events) => sum + (events ?? 0), 0)).toBe(3050)
})

test('projects each event once with a replica of its group, also after one of them leaves', async () => {
  // given
  await log.write(...deploymentsOf(one, 500), ...deploymentsOf(other, 500))
  const [first] = await Promise.all([projecting.project(), projecting.project()])
  await projecting.reach(log.positions)

  // when
  await projecting.stop(first)
  await log.write(...deploymentsOf(one, 500, 501), ...deploymentsOf(other, 500, 501))
  await projecting.reach(log.positions)

  // then
  expect(await projecting.counts()).toEqual({ events: 2000, rows: 2000 })
})

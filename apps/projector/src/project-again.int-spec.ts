import { ReadModels } from '#libs/read-models'
import { deploymentsOf, numbered, one, other } from '#test/specs/read-models/many-deployments'
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

// Databases of an earlier version: one lacks a migration that projects again, the other stores states of an earlier version.
const earlier = [
  ['migration', `DELETE FROM migration WHERE name = 'ProjectAnew1763700000006'`],
  ['stateVersion of a decider', `UPDATE state_version SET version = version - 1 WHERE category = 'promotion'`],
] as const

/** Makes the database one of an earlier version. */
async function revertToOlderVersion(statement: string): Promise<void> {
  const { query } = projecting.readModels
  await query({ text: statement, values: [] })
  await query({ text: `UPDATE deployment_history SET notes = 'of before'`, values: [] })
}

async function oldRows(): Promise<number> {
  const text = `SELECT count(*)::int AS rows FROM deployment_history WHERE notes = 'of before'`
  const [left] = await projecting.readModels.query<{ rows: number }>({ text, values: [] })
  return left!.rows
}

test.each(earlier)('a new %s makes a new projector replay the log once', async (_, statement) => {
  // given
  await log.write(...deploymentsOf(one, 1200), ...deploymentsOf(other, 3))
  const before = await projecting.project()
  await projecting.reach(log.positions)
  await projecting.stop(before)
  await revertToOlderVersion(statement)
  expect(await oldRows()).toBe(1203)

  // when: a new version starts, whatever its group has committed
  const after = await projecting.project()
  await stack.until(async () => (await oldRows()) === 0, 'the old rows to be removed')
  await projecting.ready(after)
  await projecting.reach(log.positions)

  // then
  expect(await oldRows()).toBe(0)
  expect(await projecting.tags(one)).toEqual(numbered(701, 1200))
  expect(await projecting.counts()).toEqual({ events: 1203, rows: 1203 })
  await projecting.stop(after)

  // and not again
  const again = await projecting.project()
  await projecting.ready(again)
  expect(await again.metric('shiplog_projector_batch_events_count', '')).toBe(0)
})

test.each(earlier)('a new %s makes a running projector replay the log, too', async (_, statement) => {
  await log.write(...deploymentsOf(one, 30))
  const running = await projecting.project()
  await projecting.reach(log.positions)
  await revertToOlderVersion(statement)

  // when: a process of the new version starts, and more is written
  const newer = new ReadModels({
    databaseUrl: projecting.database.url,
    applicationName: 'test',
    access: 'read',
    logger: { info: () => undefined, warn: () => undefined },
  })
  await newer.open()
  await newer.close()
  expect(await projecting.counts()).toEqual({ events: 0, rows: 0 })
  await log.write(...deploymentsOf(one, 1, 31))
  await projecting.reach(log.positions)

  // then
  expect(await projecting.tags(one)).toEqual(numbered(1, 31))
  expect(await oldRows()).toBe(0)
  await projecting.ready(running)
})

test('a projector does not start on states of a later version, and readers do', async () => {
  await log.write(...deploymentsOf(one, 3))
  const before = await projecting.project()
  await projecting.reach(log.positions)
  await projecting.stop(before)
  const text = `UPDATE state_version SET version = version + 1 WHERE category = 'promotion'`
  await projecting.readModels.query({ text, values: [] })

  // when
  const warnings: string[] = []
  const open = (access: 'read' | 'project') =>
    new ReadModels({
      databaseUrl: projecting.database.url,
      applicationName: 'test',
      access,
      logger: { info: () => undefined, warn: (_, fields) => warnings.push(String((fields as { error: Error }).error)) },
    })
  const [reader, projector] = [open('read'), open('project')]
  await reader.open()
  void projector.open()
  await stack.until(() => warnings.length > 0, 'the projector to be refused')
  await Promise.all([reader.close(), projector.close()])

  // then
  expect(warnings[0]).toContain('a later version has projected the states of promotion')
  expect(await projecting.counts()).toEqual({ events: 3, rows: 3 })
})

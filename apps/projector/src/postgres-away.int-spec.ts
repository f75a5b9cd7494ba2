import { TcpProxy } from '#test/faults/world/tcp-proxy'
import { deploymentsOf, numbered, one } from '#test/specs/read-models/many-deployments'
import { WrittenLog } from '#test/specs/read-models/written-log'
import * as stack from '#test/kit'
import { Projecting } from '#test/kit/apps/projecting'

let log: WrittenLog
let projecting: Projecting
let proxy: TcpProxy
let databaseUrl: string

beforeEach(async () => {
  log = await WrittenLog.start()
  projecting = await Projecting.start(stack, log.topic)
  proxy = await TcpProxy.start(Number(new URL(projecting.database.url).port))
  databaseUrl = proxy.urlOf(projecting.database.url)
})
afterEach(async () => {
  await projecting.end()
  await proxy.close()
  await log.end()
})

test('keeps running while Postgres is unavailable, and projects once it is available', async () => {
  // given
  proxy.refuse(true)
  await log.write(...deploymentsOf(one, 3))
  const projector = await projecting.project({ databaseUrl })
  const { status, parts } = await projector.readyz()
  expect([status, parts['readModels']!.ok]).toEqual([503, false])
  expect((await fetch(`${projector.url}/healthz`)).status).toBe(200)

  // when
  proxy.refuse(false)
  await projecting.reach(log.positions)

  // then
  expect(await projecting.tags(one)).toEqual(['v1', 'v2', 'v3'])
})

test('retries after broken connections, without skipping events or halting partitions', async () => {
  // given
  const projector = await projecting.project({ databaseUrl })
  await log.write(...deploymentsOf(one, 100))
  await projecting.reach(log.positions)

  // when: connections break repeatedly while it projects
  for (let round = 0; round < 5; round++) {
    proxy.refuse(true)
    proxy.reset()
    await log.write(...deploymentsOf(one, 400, 101 + round * 400))
    const tries = () => projector.logged.filter(message => message.includes('could not be applied')).length
    const before = tries()
    await stack.until(() => tries() > before, 'a failed attempt')
    proxy.refuse(false)
    await projecting.reach(log.positions)
  }

  // then
  expect(await projecting.tags(one)).toEqual(numbered(1601, 2100))
  expect(await projecting.parked()).toEqual([])
  await projecting.ready(projector)
})

import { PassThrough, Readable, Writable } from 'node:stream'
import type { RecordDeployment } from '#libs/contracts'
import type { Deployment } from '#libs/domain'
import { RouteAccess } from '#libs/http'
import type { CommandResult } from '#libs/ledger'
import { Logger, Metrics } from '#libs/operations'
import { importDeployments } from './import-deployments.js'
import type { ImportContext, ImportRequest } from './import-line.js'

/** A ledger that accepts every command after a delay, and counts them. */
class FakeLedger {
  taken = 0

  constructor(private readonly delayMs = 0) {}

  execute = (async ({ target }: ImportRequest) => {
    this.taken++
    if (this.delayMs > 0) await new Promise(resolve => setTimeout(resolve, this.delayMs))
    const { facts, deploymentId } = (target as { command: RecordDeployment }).command
    const state: Deployment = { state: 'recorded', record: { ...facts, id: deploymentId, succeeded: true } }
    const answer = { state, streamVersion: 1, recordedAt: '2026-02-12T10:00:00Z' }
    return {
      kind: 'appended',
      commandId: deploymentId,
      answer,
      positions: new Map([[1, this.taken]]),
    } as CommandResult<Deployment>
  }) as never
}

const line = `${JSON.stringify({ environment: 'dev', imageTag: 'v1' })}\n`
const start = (
  ledger: FakeLedger,
  source: Readable,
  sink: Writable,
  stopping = new AbortController().signal,
  idleMs = 60_000,
  authorize: ImportContext['authorize'] = () => undefined,
) =>
  importDeployments(
    source,
    sink,
    {
      context: { tenant: 't', correlationId: 'c' },
      authorize,
      sequence: {},
      freezeAt: () => undefined,
    },
    {
      ledger,
      metrics: new Metrics(),
      log: Logger.create({ app: 'test', level: 'silent' }),
      stopping,
      mostLines: () => 2000,
      idleMs,
      begin: () => undefined,
    },
  )

/** Waits until a number has not changed for 50 turns of the event loop. */
async function settled(current: () => number): Promise<number> {
  for (let last = -1, still = 0; still < 50; still = current() === last ? still + 1 : 0) {
    last = current()
    await new Promise(resolve => setImmediate(resolve))
  }
  return current()
}

describe('an import whose responses are not read', () => {
  it('stops reading lines, and continues once the responses are read', async () => {
    const ledger = new FakeLedger()
    const total = 20_000
    let produced = 0
    const source = Readable.from(
      (function* () {
        while (produced++ < total) yield Buffer.from(line)
      })(),
    )
    const sink = new PassThrough({ highWaterMark: 1024 })
    const end = start(ledger, source, sink)
    const taken = await settled(() => ledger.taken)
    expect(taken).toBeGreaterThan(0)
    expect(taken).toBeLessThan(10_000)
    sink.resume()
    expect(await end).toBe('complete')
    expect(ledger.taken).toBe(total)
  })
})

test('an import asks for the permission of each line in its scope, and refuses only lines without it', async () => {
  const ledger = new FakeLedger()
  const access = new RouteAccess((_, permission, { environment, application }) => {
    return permission === 'deployments:record' && environment === 'dev' && application === 'platform'
  })
  const principal = { id: 'ann', kind: 'user', tenant: 't', verified: false } as const
  const records = [{ environment: 'dev' }, { environment: 'prod' }, { environment: 'dev', application: 'search' }]
  const source = Readable.from(records.map(record => Buffer.from(`${JSON.stringify({ imageTag: 'v1', ...record })}\n`)))
  const sink = new PassThrough()
  await start(ledger, source, sink, undefined, undefined, scope =>
    access.require(principal, 'deployments:record', scope),
  )
  const results = String(sink.read())
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as object)
  const problem = { status: 403, permission: 'deployments:record', application: 'platform', environment: 'prod' }
  expect(results).toMatchObject([
    { line: 1, result: 'recorded' },
    { line: 2, result: 'refused', problem },
    { line: 3, result: 'refused', problem: { ...problem, application: 'search', environment: 'dev' } },
  ])
  expect(ledger.taken).toBe(1)
})

describe('an import that receives no further bytes', () => {
  it('ends with a response to each complete line', async () => {
    const ledger = new FakeLedger()
    const source = new PassThrough()
    const sink = new PassThrough()
    source.write(`${line}${line}{"environment"`)
    expect(await start(ledger, source, sink, undefined, 20)).toBe('late')
    expect(String(sink.read()).trim().split('\n')).toHaveLength(2)
  })

  it('does not time out while the ledger is slow', async () => {
    const ledger = new FakeLedger(200)
    const source = Readable.from(Array.from({ length: 10 }, () => Buffer.from(line.repeat(1000))))
    const sink = new PassThrough().resume()
    expect(await start(ledger, source, sink, undefined, 50)).toBe('complete')
    expect(ledger.taken).toBe(10_000)
  })
})

describe('an interrupted import', () => {
  it('answers the lines read so far when the process stops, and leaves the source open', async () => {
    const ledger = new FakeLedger()
    const source = new PassThrough()
    const sink = new PassThrough()
    const stopping = new AbortController()
    const end = start(ledger, source, sink, stopping.signal)
    source.write(line.repeat(3))
    await settled(() => ledger.taken)
    stopping.abort()
    expect(await end).toBe('cut')
    expect(String(sink.read()).trim().split('\n')).toHaveLength(3)
    expect(source.destroyed).toBe(false)
  })

  it('drops an incomplete line when the client disconnects', async () => {
    const ledger = new FakeLedger()
    const source = new PassThrough()
    const end = start(ledger, source, new PassThrough())
    source.write(`${line}${line.trim()}`)
    await settled(() => ledger.taken)
    source.destroy()
    expect(await end).toBe('cut')
    expect(ledger.taken).toBe(1)
  })
})

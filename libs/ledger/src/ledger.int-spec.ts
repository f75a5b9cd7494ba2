import { randomUUID } from 'node:crypto'
import { defaultApplication, hashJson, refuse, streamIdOf } from '#libs/contracts'
import type { CorrectableFacts, DeploymentCommand, DeploymentEvent } from '#libs/contracts'
import { slotKeyPrefix, deployment, pipelineStream, activeIndex, successIndex, type Deployment } from '#libs/domain'
import { EventLog, type LogLogger } from '#libs/event-log'
import { Client } from 'pg'
import { brokers, createDatabase, freshTopicName, until } from '#test/kit'
import {
  resetIndex,
  Ledger,
  LedgerUnavailable,
  IncompleteLog,
  OutboxNotEmpty,
  type CommandRequest,
  type CommandResult,
} from './index.js'

type Request = CommandRequest<Deployment, DeploymentCommand, DeploymentEvent>

const silent: LogLogger = { debug() {}, info() {}, warn() {}, error() {} }
const now = '2026-02-12T12:00:00Z'

let database: Awaited<ReturnType<typeof createDatabase>>
let log: EventLog
let replicas: Ledger[]
let sql: Client

beforeAll(async () => {
  database = await createDatabase()
  log = new EventLog({ brokers: brokers(), topic: freshTopicName(), clientId: 'test', logger: silent })
  await openReplicas()
  sql = new Client(database.url)
  await sql.connect()
  await untilOpen(replicas[0]!)
})

afterAll(async () => {
  await closeReplicas()
  await log.close()
  await sql.end()
  await database.drop()
})

async function openReplicas(more: { confirmTimeoutMs?: number } = {}): Promise<void> {
  const open = () => Ledger.open({ databaseUrl: database.url, log, logger: silent, ...more })
  replicas = await Promise.all([open(), open()])
}

async function closeReplicas(): Promise<void> {
  await Promise.all(replicas.map(ledger => ledger.close()))
}

async function untilOpen(ledger: Ledger): Promise<void> {
  while (!(await ledger.health()).open) await new Promise(resolve => setImmediate(resolve))
}

function request(
  tenant: string,
  deploymentId: string,
  command: DeploymentCommand,
  more: Partial<Request> = {},
): Request {
  return {
    decider: deployment,
    target: { streamId: streamIdOf('deployment', tenant, deploymentId), command },
    context: { tenant, correlationId: randomUUID() },
    bodyHash: hashJson(command),
    ...more,
  }
}

function recording(tenant: string, facts: object = {}, more: Partial<Request> = {}): Request & { id: string } {
  const id = randomUUID()
  const all = {
    application: defaultApplication,
    environment: 'dev',
    imageTag: 'v1',
    status: 'DEPLOYED' as const,
    deployedAt: '2026-02-12T10:00:00Z',
    ...facts,
  }
  return {
    id,
    ...request(
      tenant,
      id,
      { type: 'RecordDeployment', deploymentId: id, tenant, now, facts: all },
      { creates: true, ...more },
    ),
  }
}

function rollingBack(tenant: string, id: string, more: Partial<Request> = {}): Request {
  return request(tenant, id, { type: 'RollBackDeployment', deploymentId: id, now, rolledBackAt: now }, more)
}

function position(outcome: CommandResult<unknown>): [number, number][] {
  return 'positions' in outcome ? [...(outcome.positions ?? [])] : []
}

describe('a command', () => {
  it('is answered when its event was read back, with its position', async () => {
    const outcome = await replicas[0]!.execute(recording('acme'))
    expect(outcome).toMatchObject({ kind: 'appended', answer: { streamVersion: 1 } })
    expect(position(outcome)).toEqual([[expect.any(Number), 1]])
    const { rows } = await sql.query('SELECT count(*)::int AS pending FROM ledger.outbox')
    expect(rows).toEqual([{ pending: 0 }])
  })

  it('repeats the first answer for the same id and body, on either replica, and is refused with another body', async () => {
    const first = recording('acme', { imageTag: 'v2' })
    const once = await replicas[0]!.execute(first)
    const twice = await replicas[1]!.execute(first)
    expect(twice).toEqual({ ...once, kind: 'repeated', commandId: expect.any(String) })
    const other = await replicas[1]!.execute({ ...first, bodyHash: hashJson('another') })
    expect(other).toMatchObject({ kind: 'refused', rejection: { code: 'unprocessable' } })
  })

  it('repeats the first answer for the same key, whatever happened since, also a refusal that stays the same', async () => {
    const idempotency = { scope: 'POST /somewhere', key: 'k1' }
    const { id, ...recorded } = recording('acme')
    await replicas[0]!.execute(recorded)
    const once = await replicas[0]!.execute(rollingBack('acme', id, { idempotency }))
    const again = await replicas[1]!.execute(rollingBack('acme', id, { idempotency }))
    expect(once.kind).toBe('appended')
    expect(again).toEqual({ ...once, kind: 'repeated' })
    const refused = { scope: 'POST /somewhere', key: 'k2' }
    const other = { ...recorded, bodyHash: hashJson('other'), idempotency: refused }
    const no = await replicas[0]!.execute(other)
    expect(no).toMatchObject({ kind: 'refused', repeated: false, rejection: { code: 'unprocessable' } })
    expect(await replicas[1]!.execute(other)).toEqual({ ...no, repeated: true })
    expect(await replicas[1]!.execute({ ...other, bodyHash: hashJson('y') })).toMatchObject({
      kind: 'refused',
      rejection: { code: 'unprocessable', errors: [{ header: 'Idempotency-Key' }] },
    })
    const misused = await replicas[0]!.execute({ ...rollingBack('acme', id, { idempotency }), bodyHash: hashJson('x') })
    expect(misused).toMatchObject({ kind: 'refused', rejection: { code: 'unprocessable' } })
  })

  const correcting = (deploymentId: string, changes: CorrectableFacts): DeploymentCommand => {
    return { type: 'CorrectDeployment', deploymentId, tenant: 'acme', now, changes, reason: 'was wrong' }
  }
  it.each<[string, string, (id: string) => DeploymentCommand, (id: string) => DeploymentCommand]>([
    [
      'a conflict',
      'conflict',
      deploymentId => ({ type: 'CompleteDeployment', deploymentId, now, status: 'FAILED', completedAt: now }),
      deploymentId => correcting(deploymentId, { status: 'PENDING' }),
    ],
    [
      'what the record contradicts',
      'unprocessable',
      deploymentId => ({ type: 'RollBackDeployment', deploymentId, now, rolledBackAt: '2026-02-12T09:30:00Z' }),
      deploymentId => correcting(deploymentId, { deployedAt: '2026-02-12T09:00:00Z' }),
    ],
  ])('does not keep a refusal that the state of things caused: %s', async (_, code, refused, change) => {
    const { id, ...recorded } = recording('worldly')
    const idempotency = { scope: 'POST /somewhere', key: `${code} ${id}` }
    const execute = (n: number) => replicas[n]!.execute(request('worldly', id, refused(id), { idempotency }))
    expect(await execute(0)).toMatchObject({ kind: 'refused', rejection: { code: 'not-found' } })
    await replicas[1]!.execute(recorded)
    expect(await execute(1)).toMatchObject({ kind: 'refused', rejection: { code } })
    await replicas[0]!.execute(request('worldly', id, change(id)))
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, n) => execute(n % 2)))
    expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['appended', ...Array(19).fill('repeated')])
    expect(new Set(outcomes.map(outcome => JSON.stringify('answer' in outcome && outcome.answer))).size).toBe(1)
  })

  it('keeps a key, and an id, to the actor who used it first, also after the index was rebuilt', async () => {
    const context = (actor?: string) => ({
      tenant: 'owned',
      correlationId: randomUUID(),
      ...(actor !== undefined && { actor }),
    })
    const idempotency = { scope: 'POST /somewhere', key: 'mine' }
    const { id, ...recorded } = recording('owned')
    const first = await replicas[0]!.execute({ ...recorded, context: context('Bob@acme.example') })
    const once = await replicas[0]!.execute(rollingBack('owned', id, { idempotency, context: context('bob') }))
    const refused = (place: object) => ({ kind: 'refused', rejection: { code: 'unprocessable', errors: [place] } })
    const looks = async () => {
      for (const other of ['carol', undefined]) {
        const again = rollingBack('owned', id, { idempotency, context: context(other) })
        expect(await replicas[1]!.execute(again)).toMatchObject(refused({ header: 'Idempotency-Key' }))
        const same = await replicas[1]!.execute({ ...recorded, context: context(other) })
        expect(same).toMatchObject(refused({ pointer: '/id' }))
      }
      expect(await replicas[1]!.execute({ ...recorded, context: context('bob@ACME.example') })).toMatchObject({
        kind: 'repeated',
        answer: 'answer' in first && first.answer,
      })
      expect(await replicas[1]!.execute(rollingBack('owned', id, { idempotency, context: context('BOB') }))).toEqual({
        ...once,
        kind: 'repeated',
      })
      const known = { ...recorded, context: context('carol'), idOfContent: true }
      expect(await replicas[1]!.execute(known)).toMatchObject({ kind: 'repeated' })
    }
    await looks()
    await resetIndex({ databaseUrl: database.url, log })
    await untilOpen(replicas[1]!)
    await looks()
  })

  it('with one key, of several actors at once, is the command of one of them', async () => {
    const idempotency = { scope: 'POST /deployments', key: 'contended' }
    const sent = Array.from({ length: 40 }, (_, i) => {
      const context = { tenant: 'contended', correlationId: randomUUID(), actor: `actor ${i % 4}` }
      return replicas[i % 2]!.execute(recording('contended', {}, { idempotency, bodyHash: 'same', context }))
    })
    const kinds = (await Promise.all(sent)).map(({ kind }) => kind)
    expect(kinds.toSorted()).toEqual(['appended', ...Array(30).fill('refused'), ...Array(9).fill('repeated')])
    const { rows } = await sql.query(`SELECT count(*)::int AS n FROM ledger.stream WHERE tenant = 'contended'`)
    expect(rows).toEqual([{ n: 1 }])
  })

  it('with one key, sent many times at once to two replicas, leads to one event', async () => {
    const idempotency = { scope: 'POST /deployments', key: 'once' }
    const sent = Array.from({ length: 40 }, (_, i) =>
      replicas[i % 2]!.execute(recording('keyed', { gitBranch: 'main' }, { idempotency, bodyHash: 'same' })),
    )
    const outcomes = await Promise.all(sent)
    expect(outcomes.filter(({ kind }) => kind === 'appended')).toHaveLength(1)
    expect(outcomes.filter(({ kind }) => kind === 'repeated')).toHaveLength(39)
    expect(new Set(outcomes.map(outcome => JSON.stringify('answer' in outcome && outcome.answer))).size).toBe(1)
    const { rows } = await sql.query(`SELECT count(*)::int AS n FROM ledger.stream WHERE tenant = 'keyed'`)
    expect(rows).toEqual([{ n: 1 }])
  })
})

describe('the appender', () => {
  it('goes on in another term when a confirmation failed', async () => {
    const recorded = recording('interrupted')
    await sql.query('BEGIN')
    await sql.query('SELECT FROM ledger.partition_log FOR UPDATE')
    const outcome = replicas[0]!.execute(recorded)
    await endWhoWaitsForUs()
    await sql.query('ROLLBACK')

    await outcome
    // It may have been promised meanwhile.
    const again = await replicas[0]!.execute(recorded)
    expect(again).toMatchObject({ kind: 'repeated' })
    expect(position(again)).toHaveLength(1)
  })

  async function endWhoWaitsForUs(): Promise<void> {
    const end = 'SELECT pg_terminate_backend(pid) FROM pg_locks WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))'
    while ((await sql.query(end)).rowCount === 0) await new Promise(resolve => setImmediate(resolve))
  }
})

describe('100 rollbacks of one deployment at once, over two replicas', () => {
  it('are one rollback and 99 conflicts', async () => {
    const { id, ...recorded } = recording('acme')
    await replicas[0]!.execute(recorded)
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, (_, i) => replicas[i % 2]!.execute(rollingBack('acme', id))),
    )
    expect(outcomes.filter(({ kind }) => kind === 'appended')).toHaveLength(1)
    const conflicts = outcomes.filter(outcome => outcome.kind === 'refused' && outcome.rejection.code === 'conflict')
    expect(conflicts).toHaveLength(99)
  })
})

describe('a command that finds its stream and context streams by tag', () => {
  const place = (environment: string) => JSON.stringify([defaultApplication, environment])
  /** Marks all that runs in dev with the tag. */
  const byTag = (tenant: string, imageTag: string, more: Partial<Request> = {}): Request => ({
    ...rollingBack(tenant, randomUUID(), more),
    target: {
      find: async index => {
        const known = await index.groupKeys(successIndex(imageTag), slotKeyPrefix(defaultApplication), 10)
        if (known.length === 0) return refuse('not-found', 'no such tag')
        const running = await index.latest(activeIndex, [place('dev')], 10)
        const [first, ...others] = running.filter(({ names }) => names.includes(successIndex(imageTag)))
        if (!first) return refuse('conflict', 'runs no longer')
        const id = first.streamId.slice(first.streamId.indexOf('/') + 1)
        return {
          streamId: first.streamId,
          command: { type: 'RollBackDeployment', deploymentId: id, now, rolledBackAt: now },
          contextStreams: others.map(({ streamId }) => streamId),
        }
      },
    },
  })
  const start = (hour: number) => `2026-02-12T${String(hour).padStart(2, '0')}:00:00Z`

  it('marks them all, and only once, whatever the number of callers and replicas', async () => {
    const started = [8, 9, 10].map(hour => recording('tags', { deployedAt: start(hour) }))
    for (const recorded of started) await replicas[0]!.execute(recorded)
    await replicas[0]!.execute(recording('tags', { imageTag: 'v0', deployedAt: start(7) }))
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, i) => replicas[i % 2]!.execute(byTag('tags', 'v1'))),
    )
    const appended = outcomes.filter(({ kind }) => kind === 'appended')
    // The answer is the latest one, and its position that of the last event.
    expect(appended).toMatchObject([{ answer: { state: { record: { id: started[2]!.id, status: 'ROLLED_BACK' } } } }])
    const refused = outcomes.filter(({ kind }) => kind !== 'appended')
    expect(refused.map(outcome => outcome.kind === 'refused' && outcome.rejection.code)).toEqual(
      Array.from({ length: 19 }, () => 'conflict'),
    )
    const ids = started.map(({ id }) => streamIdOf('deployment', 'tags', id))
    const states = await replicas[1]!.states(ids)
    expect(ids.map(id => (states.get(id) as { record: object }).record)).toMatchObject(
      ids.map(() => ({ status: 'ROLLED_BACK', rolledBackAt: now })),
    )
    const unknown = await replicas[1]!.execute(byTag('tags', 'v9'))
    expect(unknown).toMatchObject({ kind: 'refused', rejection: { code: 'not-found' } })
  })

  it('is repeated with its answer, also once the index was rebuilt from the log', async () => {
    const tenant = 'tags-repeated'
    for (const hour of [8, 9, 10]) await replicas[0]!.execute(recording(tenant, { deployedAt: start(hour) }))
    const keyed = byTag(tenant, 'v1', { idempotency: { scope: 'POST /tag', key: 'k' }, bodyHash: hashJson({}) })
    const first = await replicas[0]!.execute(keyed)
    expect(first.kind).toBe('appended')
    expect(await replicas[1]!.execute(keyed)).toEqual({ ...first, kind: 'repeated' })
    await resetIndex({ databaseUrl: database.url, log })
    await untilOpen(replicas[0]!)
    expect(await replicas[0]!.execute(keyed)).toEqual({ ...first, kind: 'repeated' })
  })
})

describe('a command that reads another stream', () => {
  const undoing = (tenant: string, rollbackOf: string, facts: object = {}) => {
    const { id, ...recorded } = recording(tenant, { rollbackOf, ...facts })
    const reads = [streamIdOf('deployment', tenant, rollbackOf), pipelineStream(tenant)]
    return { id, ...recorded, target: { ...(recorded.target as object), reads } as Request['target'] }
  }

  it('sees what was decided before it, in the same group too, and waits for nobody', async () => {
    const named = recording('reads', { application: 'search' })
    // Submitted at once, so they are decided at once.
    const together = await Promise.all([
      replicas[0]!.execute(undoing('reads', named.id)),
      replicas[0]!.execute(named),
      replicas[0]!.execute(undoing('reads', named.id)),
      replicas[0]!.execute(undoing('reads', named.id, { application: 'search' })),
    ])
    expect(together.map(({ kind }) => kind)).toEqual(['appended', 'appended', 'refused', 'appended'])
    const holder = new Client(database.url)
    await holder.connect()
    await holder.query('BEGIN')
    const stream = streamIdOf('deployment', 'reads', named.id)
    await holder.query('SELECT FROM ledger.stream WHERE stream_id = $1 FOR UPDATE', [stream])
    expect(await replicas[1]!.execute(undoing('reads', named.id))).toMatchObject({ kind: 'refused' })
    await holder.end()
  })
})

describe('the index', () => {
  it('is rebuilt from the log when it was dropped, commands and keys included', async () => {
    const idempotency = { scope: 'POST /deployments', key: 'before' }
    const { id, ...recorded } = recording('rebuilt', {}, { idempotency })
    const first = await replicas[0]!.execute(recorded)
    await replicas[0]!.execute(rollingBack('rebuilt', id))
    const before = await indexOf('rebuilt')
    await closeReplicas()
    await sql.query('DROP SCHEMA ledger CASCADE')
    await openReplicas()
    await untilOpen(replicas[1]!)
    expect(await indexOf('rebuilt')).toEqual(before)
    expect(await replicas[1]!.execute(recorded)).toEqual({ ...first, kind: 'repeated' })
    const again = await replicas[0]!.execute(rollingBack('rebuilt', id))
    expect(again).toMatchObject({ kind: 'refused', rejection: { code: 'conflict' } })
  })

  it('is emptied and rebuilt while replicas decide: nothing is lost, and nothing recorded twice', async () => {
    const stopping = new AbortController()
    let refused = 0
    const record = async (replica: Ledger, key: string) => {
      const { id: _, ...recorded } = recording('emptied', {}, { idempotency: { scope: 'POST /deployments', key } })
      for (;;) {
        try {
          return { recorded, outcome: await replica.execute(recorded) }
        } catch (error) {
          expect(error).toBeInstanceOf(LedgerUnavailable)
          refused++
        }
      }
    }
    const work = async (worker: number) => {
      const done: Awaited<ReturnType<typeof record>>[] = []
      while (!stopping.signal.aborted) done.push(await record(replicas[worker % 2]!, `${worker}-${done.length}`))
      return done
    }
    const workers = Promise.all(Array.from({ length: 8 }, (_, worker) => work(worker)))
    await resetIndex({ databaseUrl: database.url, log })
    await untilOpen(replicas[0]!)
    const { id, ...byTag } = recording('emptied', { imageTag: 'after' })
    await replicas[0]!.execute(byTag)
    stopping.abort()
    const all = (await workers).flat()
    expect(refused).toBeGreaterThan(0)

    await Promise.all(
      all.map(async ({ recorded, outcome }) => {
        expect(await replicas[0]!.execute(recorded)).toMatchObject({ kind: 'repeated', commandId: outcome.commandId })
      }),
    )
    const { rows } = await sql.query(`SELECT count(*)::int AS streams FROM ledger.stream WHERE tenant = 'emptied'`)
    expect(rows).toEqual([{ streams: all.length + 1 }])
    const before = await indexOf('emptied')
    await resetIndex({ databaseUrl: database.url, log })
    expect(await replicas[1]!.health()).toMatchObject({ open: false })
    await untilOpen(replicas[1]!)
    expect(await indexOf('emptied')).toEqual(before)
    expect(await replicas[1]!.execute(rollingBack('emptied', id))).toMatchObject({ kind: 'appended' })
  })

  it('is not emptied of decisions that wait to be appended, unless that is what is wanted', async () => {
    // given: nobody appends
    await closeReplicas()
    const holder = new Client(database.url)
    holder.on('error', () => undefined)
    await holder.connect()
    await holder.query(`SELECT pg_advisory_lock(hashtext('shiplog appender'), hashtext($1))`, [log.topic])
    await openReplicas({ confirmTimeoutMs: 100 })
    const recorded = recording('pending')
    const accepted = await replicas[0]!.execute(recorded)
    expect(accepted).toMatchObject({ kind: 'accepted' })

    // when, then
    const options = { databaseUrl: database.url, log }
    await expect(resetIndex({ ...options, patienceMs: 100 })).rejects.toThrow(new OutboxNotEmpty(1))
    expect(await replicas[1]!.execute(recorded)).toMatchObject({ kind: 'accepted' })
    expect(await replicas[1]!.health()).toMatchObject({ open: true })

    await resetIndex({ ...options, discardPending: true })
    await untilOpen(replicas[0]!)
    expect(await indexOf('pending')).toEqual([[], [], []])
  })

  it('is folded from the log again where another version has written it, with what that one had decided', async () => {
    // given: an index whose states have another form, and a decision that waits to be appended
    await untilAppended(recording('upgraded'))
    await closeReplicas()
    const holder = new Client(database.url)
    await holder.connect()
    await holder.query(`SELECT pg_advisory_lock(hashtext('shiplog appender'), hashtext($1))`, [log.topic])
    await openReplicas({ confirmTimeoutMs: 100 })
    const waiting = recording('upgraded')
    expect(await replicas[0]!.execute(waiting)).toMatchObject({ kind: 'accepted' })
    const before = await statesOf('upgraded')
    await closeReplicas()
    await sql.query(`UPDATE ledger.gate SET state_versions = 'deployment:0'`)
    await sql.query(`UPDATE ledger.stream SET state = '{"form": "of another version"}' WHERE tenant = 'upgraded'`)
    await openReplicas()

    // then: nothing is decided on it
    await expect(replicas[0]!.execute(recording('upgraded'))).rejects.toThrow(LedgerUnavailable)
    await holder.end()
    await untilOpen(replicas[1]!)
    expect(await statesOf('upgraded')).toEqual(before)
    expect(await replicas[1]!.execute(waiting)).toMatchObject({ kind: 'repeated' })
    const { rows } = await sql.query('SELECT state_versions FROM ledger.gate')
    expect(rows[0].state_versions).toMatch(
      /^configuration:\d+,deployment:\d+,incident:\d+,index:\d+,pipeline:\d+,promotion:\d+$/,
    )
  })

  it('does not open the gate where it went back after a term had caught up, until the next one has', async () => {
    await untilAppended(recording('back'))
    const before = await indexOf('back')
    // given: a new term has caught up, and is about to open the gate
    const other = new Client(database.url)
    await other.connect()
    await other.query('BEGIN; LOCK TABLE ledger.gate IN SHARE MODE')
    await closeReplicas()
    await openReplicas()
    await until(async () => {
      const { rowCount } = await sql.query(
        `SELECT FROM pg_locks WHERE relation = 'ledger.gate'::regclass AND mode = 'RowExclusiveLock' AND NOT granted`,
      )
      return rowCount! > 0
    }, 'a term to wait for the gate')

    // when
    await other.query(`
      TRUNCATE ledger.stream, ledger.stream_index, ledger.command;
      UPDATE ledger.partition_log SET seq = 0, next_offset = 0, hash = repeat('0', 64);
      UPDATE ledger.gate SET open_for = '-infinity';
      COMMIT`)
    await other.end()

    // then
    await untilOpen(replicas[0]!)
    expect(await indexOf('back')).toEqual(before)
  })

  it('that knows more than the log has is not appended behind, nor emptied', async () => {
    await closeReplicas()
    const shift = (offsets: number) =>
      sql.query('UPDATE ledger.partition_log SET next_offset = next_offset + $1 WHERE partition = 3', [offsets])
    await shift(1000)
    await openReplicas({ confirmTimeoutMs: 100 })
    const lost = /^partition 3 ends at offset \d+, and the index has read it up to \d+: the log has lost events/
    const details = async () => Promise.all(replicas.map(async ledger => (await ledger.health()).detail ?? ''))
    await until(async () => (await details()).some(detail => lost.test(detail)), 'the appender to see it')
    const recorded = recording('shorter')
    expect(await replicas[0]!.execute(recorded)).toMatchObject({ kind: 'accepted' })
    await expect(resetIndex({ databaseUrl: database.url, log })).rejects.toThrow(IncompleteLog)

    // The log is the right one again.
    await shift(-1000)
    await untilAppended(recorded)
  })

  /** Also where replicas answer before that, that it was accepted. */
  async function untilAppended(recorded: Request): Promise<void> {
    const repeated = async () => (await replicas[0]!.execute(recorded)).kind === 'repeated'
    await until(repeated, 'the decision to be appended')
  }

  async function statesOf(tenant: string): Promise<unknown[]> {
    const { rows } = await sql.query(
      'SELECT stream_id, version, state::text FROM ledger.stream WHERE tenant = $1 ORDER BY stream_id',
      [tenant],
    )
    return rows
  }

  async function indexOf(tenant: string): Promise<unknown> {
    const streams = await sql.query(
      `SELECT stream_id, version, state::text, recorded_at, first_event_id, created_by, updated_by FROM ledger.stream
       WHERE tenant = $1 ORDER BY 1`,
      [tenant],
    )
    const entries = await sql.query('SELECT * FROM ledger.stream_index WHERE tenant = $1 ORDER BY stream_id, name', [
      tenant,
    ])
    const commands = await sql.query(
      `SELECT command_id, body_hash, answer::text, events, confirmed, positions FROM ledger.command
       WHERE tenant = $1 AND outcome = 'decided' ORDER BY 1`,
      [tenant],
    )
    return [streams.rows, entries.rows, commands.rows]
  }
})

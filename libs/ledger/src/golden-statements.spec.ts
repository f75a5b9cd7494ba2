import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LogRecord } from '#libs/event-log'
import type { Query } from '#libs/postgres'
import { describeGolden, goldenFile, statementsOf, type Variant } from '#test/specs/golden'
import { endLockHolder, tryLock } from './append/appender-lock.js'
import { isOutdated, markIndex } from './append/index-version.js'
import { nextBatch, outboxSize } from './append/next-batch.js'
import { emptyTables, untilOlderAreAppended } from './append/reset-index.js'
import { confirmIn } from './confirm/confirm.js'
import { confirmedCommands } from './confirm/confirmations.js'
import { replay } from './confirm/replay.js'
import type { QueuedCommand } from './decide/decided-before.js'
import { commandsThatFit } from './decide/group-size.js'
import { decidePrepared } from './decide/prepared.js'
import { findCommand, logPositions } from './store/command.js'
import { isOpen, openGate, refuseOtherTopic } from './store/gate.js'
import type { CommandWrite, StreamWrite } from './store/index-rows.js'
import { loadAndLock, writeDecisions } from './store/index-tables.js'
import { changedStates, notifiedStreams, notifyReplicas, streamStates } from './store/notify.js'
import { streamIndexOf } from './store/stream-index.js'

/** Rows that let a function go on after a statement. */
const ANSWERS: Record<string, object[]> = {
  gate: [{ open: true }],
  'load and lock': [{ open: true }],
  'write decisions': [{ streams: 1, commands: 1 }],
  'decided again': [{ command_id: '' }],
  confirm: [{ moved: 0, gone: null, done: null }],
  'last ordinal': [{ ordinal: '0' }],
  'events up to an ordinal': [{ events: 0 }],
  'close the gate of another version': [],
  'size of the outbox': [{ events: 0 }],
  'size of states': [{ bytes: null }],
  command: [{ open: true, command_id: null }],
  'appender lock': [{ locked: true }],
}

const stream = { stream_id: 'a', base_version: 1, entries: [{ name: '', groupKey: '', rank: '', notify: true }] }
const streams = new Map([['a', stream as unknown as StreamWrite]])
const refused = { command_id: 'a', base_events: 1, outcome: 'refused', answer: {}, repeat_of: null, events: 1 }
const commands = new Map([
  ['a', refused as unknown as CommandWrite],
  ['b', { ...refused, command_id: 'b', base_events: undefined } as unknown as CommandWrite],
])
const ids = ['a', 'b']
const manyCommands = Array.from({ length: 17 }, (_, n) => {
  return { commandId: `${n}`, target: { streamId: `${n}` } } as QueuedCommand
})

/** A golden event as it is read from the log. */
function goldenRecord(): LogRecord {
  const file = join(__dirname, '../../contracts/golden/deployment.recorded.v1.json')
  const { key, headers, value } = JSON.parse(readFileSync(file, 'utf8'))
  const bytes = Object.entries(headers).map(([name, text]) => [name, Buffer.from(text as string)])
  return {
    partition: 0,
    offset: 0,
    key: Buffer.from(key),
    value: Buffer.from(JSON.stringify(value)),
    headers: Object.fromEntries(bytes),
  }
}

const index = (query: Query) => streamIndexOf(query, 'acme')

/** Everything that the ledger asks of Postgres but transactions, LISTEN and migrations. */
const uses: [use: (query: Query) => Promise<unknown>, answers?: Record<string, object[]>][] = [
  [isOpen],
  [query => refuseOtherTopic(query, 'topic')],
  [query => openGate(query, 'topic', new Map([[0, 1]]))],
  [query => isOutdated(query, 'topic')],
  [markIndex],
  [query => tryLock(query, 'topic')],
  [query => endLockHolder(query, 'topic')],
  [query => nextBatch(query, ids, { events: 1, bytes: 1 })],
  [outboxSize],
  [query => untilOlderAreAppended(query, {})],
  [query => emptyTables(query)],
  [query => confirmIn(query, [])],
  [query => confirmedCommands(query, ids)],
  [query => replay(query, [goldenRecord()])],
  [
    query => replay(query, [goldenRecord()]),
    {
      'known commands': [{ command_id: '0198c0de-0000-7000-8000-000000000011' }],
      'write decisions': [{ streams: 1, commands: 0 }],
    },
  ],
  [query => findCommand(query, 'acme', 'a')],
  [logPositions],
  [query => commandsThatFit(query, manyCommands)],
  [query => loadAndLock(query, ids, ids, ids, ids)],
  [query => writeDecisions(query, { streams, commands, outbox: [] })],
  [query => notifyReplicas(query, streams)],
  [query => notifiedStreams(query, 'name', 1)],
  [query => changedStates(query, new Map([['a', 1]]))],
  [query => streamStates(query, ids)],
  [query => index(query).states(ids)],
  [query => index(query).having('name', ids)],
  [query => index(query).bytes(ids)],
  [query => index(query).groupKeys('name', '', 1)],
  [query => index(query).latestOfEach('name', ids)],
  [query => index(query).latest('name', ids, 1)],
  [query => index(query).latestUntil('name', ids, 'rank', 1)],
  [
    query =>
      decidePrepared(query, { submit: async () => ({ kind: 'decided' }) } as never, {
        decider: {} as never,
        target: { prepare: async streams => ({ streamId: '', command: await streams.states(ids) }) },
        context: { tenant: 'acme', correlationId: '' },
        bodyHash: '',
        idempotency: { scope: '', key: '' },
      }),
  ],
]

describeGolden(join(__dirname, '../golden'), async () => {
  const variants: Variant[] = []
  for (const [use, answers = {}] of uses) {
    const sent = await statementsOf(use, name => answers[name] ?? ANSWERS[name] ?? [])
    variants.push(...sent.map(statement => ({ statement })))
  }
  return variants
})

test('every statement in the sources has a golden file', () => {
  const sources = readdirSync(__dirname, { recursive: true, encoding: 'utf8' }).filter(name =>
    /(?<!spec)\.ts$/.test(name),
  )
  const names = sources.flatMap(name =>
    [...readFileSync(join(__dirname, name), 'utf8').matchAll(/\bstatement\(\s*'([^']+)'/g)].map(match => match[1]!),
  )
  expect(names.length).toBeGreaterThan(30)
  expect(readdirSync(join(__dirname, '../golden')).toSorted()).toEqual(names.map(goldenFile).toSorted())
})

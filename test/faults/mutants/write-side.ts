import type { Edit, Mutant } from './mutant.js'

const ledger = (file: string, old: string, replacement: string): Edit => ({
  file: `libs/ledger/src/${file}.ts`,
  old,
  new: replacement,
})
const appender = (old: string, replacement: string): Edit => ({
  file: 'libs/event-log/src/append/appender.ts',
  old,
  new: replacement,
})

const noWait = ledger(
  'appending',
  `    await within(this.index.caughtUp(ends, this.signal), CATCH_UP_MS, 'catching up with the log', this.signal)\n`,
  '',
)

/** Write sides that lack a protection. */
export const writeSideMutants: Mutant[] = [
  {
    name: 'answer-when-decided',
    lacks: 'commands are answered as appended when they are decided, not when they were read back',
    edits: [
      ledger(
        'ledger',
        'const positions = await this.readBack(awaits, repeated, known)',
        'void this.readBack(awaits, repeated, known)\n    const positions = known ?? new Map()',
      ),
    ],
    kinds: ['freeze-broker', 'kill-command'],
  },
  {
    name: 'no-fence',
    lacks: 'each term has a transactional id of its own, and does not wait for the end of the log',
    edits: [appender('`${topic}-appender`', '`${topic}-appender-${Math.random()}`'), noWait],
    kinds: ['zombie-appender', 'failpoint-append-end-sent', 'failpoint-append-after-commit'],
  },
  {
    name: 'no-wait-for-the-end',
    lacks: 'a term appends before it has read what the one before it left',
    edits: [noWait],
    kinds: ['failpoint-append-after-commit', 'failpoint-append-end-sent', 'failpoint-confirm-before'],
  },
  {
    name: 'producer-reused',
    lacks:
      'after an error the same producer aborts, and sends the same once more; what Kafka then acknowledges is pending no longer',
    edits: [
      appender(
        '      this.dead = true\n      throw error\n',
        `      if (String(error).includes('the term of this appender is over')) throw error
      await new Promise(resolve => setTimeout(resolve, 1500))
      await this.transaction.abort().catch(() => undefined)
      this.transaction = await this.producer.transaction()
      return this.append(events)
`,
      ),
      // Read-back stands behind it: what is not in the log stays pending, and is appended in the next term. Alone, the reuse costs time.
      ledger(
        'appending',
        `    failpoint('append-after-commit')\n`,
        `    await queryOn(this.pool)('DELETE FROM ledger.pending_append WHERE event_id = ANY ($1)', [
      events.map(({ headers }) => headers['ce_id']),
    ])
`,
      ),
    ],
    kinds: ['kafka-answers-lost', 'kafka-reset', 'kill-broker'],
  },
  {
    name: 'no-unique-pending',
    lacks: 'neither a lock, nor a compare-and-set, nor a constraint keeps two decisions on a stream apart',
    edits: [
      { file: 'libs/ledger/src/store/tables.ts', old: ',\n        UNIQUE (stream_id, version)', new: '' },
      ledger('index-tables', ' AND s.version = r.base_version', ''),
      ledger('index-tables', ' FOR UPDATE OF s SKIP LOCKED', ''),
    ],
    kinds: ['freeze-command', 'postgres-latency'],
    seconds: 40,
  },
  {
    name: 'endless-term',
    lacks: 'a term whose confirmation fails never ends, and keeps the lock',
    edits: [
      ledger(
        'index-reader',
        '      for (const { failed } of [...taken, ...this.queue.splice(0)]) failed(error as Error)\n',
        '',
      ),
      ledger('appending', `within(term.close(), CLOSE_MS, 'closing a term')`, 'term.close()'),
    ],
    kinds: ['confirmation-ended'],
  },
  {
    name: 'no-body-hash',
    lacks: 'another body under a known key is answered as if it were repeated',
    edits: [ledger('decided-before', 'before.body_hash !== request.bodyHash', `before.body_hash === ''`)],
    kinds: ['freeze-command'],
  },
  {
    name: 'no-gate',
    lacks: 'commands are decided though the index knows less than the log',
    edits: [ledger('index-tables', '!row?.open', 'row === undefined')],
    kinds: ['postgres-restored', 'index-dropped', 'index-rebuilt'],
  },
]

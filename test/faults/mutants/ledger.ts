import type { Mutant } from './mutant.js'

/** Builds without a protection of the ledger. */
export const ledgerMutants: Mutant[] = [
  {
    name: 'answer-when-decided',
    lacks: 'commands are answered as appended when they are decided, not when they were read back',
    changes: {
      'answer-when-decided': `
        void this.readBack(awaits, repeated, known)
        const positions = known ?? new Map()`,
    },
    kinds: ['freeze-broker', 'kill-command'],
  },
  {
    name: 'no-fence',
    lacks: 'each term has a transactional id of its own, and does not wait for the end of the log',
    changes: { 'no-fence': 'transactionalId: `${topic}-appender-${Math.random()}`', 'no-wait-for-the-end': '' },
    kinds: ['zombie-appender', 'failpoint-append-end-sent', 'failpoint-append-after-commit'],
  },
  {
    name: 'no-wait-for-the-end',
    lacks: 'a term appends before it has read what the one before it left',
    changes: { 'no-wait-for-the-end': '' },
    kinds: ['failpoint-append-after-commit', 'failpoint-append-end-sent', 'failpoint-confirm-before'],
  },
  {
    name: 'producer-reused',
    lacks:
      'after an error the same producer aborts, and sends the same once more; what Kafka then acknowledges is pending no longer',
    changes: {
      'producer-reused': `
        if (String(error).includes('the term of this appender is over')) throw error
        await new Promise(resolve => setTimeout(resolve, 1500))
        await this.transaction.abort().catch(() => undefined)
        this.transaction = await this.producer.transaction()
        return this.append(events)`,
      // Read-back stands behind it: what is not in the log stays pending, and is appended in the next term. Alone, the reuse costs time.
      'producer-reused-read-back': wait => `
        await this.pool.query('DELETE FROM ledger.outbox WHERE event_id = ANY ($1)', [
          events.map(({ headers }) => headers['ce_id']),
        ])
        ${wait}`,
    },
    kinds: ['kafka-answers-lost', 'kafka-reset', 'kill-broker'],
  },
  {
    name: 'no-unique-pending',
    lacks: 'neither a lock, nor a compare-and-set, nor a constraint keeps two decisions on a stream apart',
    changes: {
      'no-unique-pending': 'CHECK (version > 0)',
      'no-unique-pending-version': '',
      'no-unique-pending-lock': '',
    },
    kinds: ['freeze-command', 'postgres-latency'],
    seconds: 40,
  },
  {
    name: 'endless-term',
    lacks: 'a term whose confirmation fails never ends, and keeps the lock',
    changes: { 'endless-term': '', 'endless-term-close': 'await term.close().catch(() => undefined)' },
    kinds: ['confirmation-ended'],
  },
  {
    name: 'no-body-hash',
    lacks: 'another body under a known key is answered as if it were repeated',
    changes: { 'no-body-hash': '' },
    kinds: ['freeze-command'],
  },
  {
    name: 'no-gate',
    lacks: 'commands are decided though the index knows less than the log',
    changes: { 'no-gate': 'if (row === undefined) throw new LedgerUnavailable(CATCHING_UP)' },
    kinds: ['postgres-restored', 'index-dropped', 'index-rebuilt'],
  },
]

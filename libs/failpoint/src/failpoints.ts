/** Where a process can be made to die, by name: moments between which a write or a projection is half done. */
export const failpoints = {
  'decide-in-transaction': 'the decision is written, its transaction not committed',
  'decide-after-commit': 'the decision is committed, and nobody knows yet',
  'append-leading': 'the advisory lock is held, the predecessor not fenced',
  'append-after-fence': 'the predecessor is fenced, the index has not caught up',
  'append-before-gate': 'the index has caught up, decisions are not allowed yet',
  'append-before-send': 'events are numbered and chained, nothing is sent',
  'append-after-add-partitions': 'AddPartitionsToTxn is answered, Produce not sent',
  'append-produce-sent': 'Produce is sent, its answer never read',
  'append-after-produce': 'Produce is acknowledged, the Kafka transaction open',
  'append-end-sent': 'EndTxn is sent, its answer never read',
  'append-after-commit': 'the Kafka transaction is committed, nothing confirmed',
  'confirm-before': 'events were read back, their confirmation not begun',
  'confirm-in-transaction': 'the confirmation is written, not committed',
  'confirm-after-commit': 'the confirmation is committed, and nobody who waits was told',
  'schedule-due': 'a promotion is due, its execution not asked for',
  'answer-before': 'the outcome is known, and not answered',
  'take-over-partitions': 'a reader was given its partitions, and has not read',
  'project-before': 'a batch was read, its transaction not begun',
  'project-after-position': 'the position is moved, its rows are not written',
  'project-after-rows': 'rows and position are written, not committed',
  'project-after-commit': 'rows and position are committed, and the process does not know',
} as const

export type Failpoint = keyof typeof failpoints

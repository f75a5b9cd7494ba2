/** Points at which a process can be made to kill itself, while a write or a projection is half done. */
export const failpoints = {
  'decide-in-transaction': 'the decision is written, its transaction is not committed',
  'decide-after-commit': 'the decision is committed, nobody is notified',
  'append-leading': 'the advisory lock is held, the predecessor is not fenced',
  'append-after-fence': 'the predecessor is fenced, the index has not caught up',
  'append-before-gate': 'the index has caught up, the gate is closed',
  'append-before-send': 'events are numbered and chained, nothing is sent',
  'append-after-add-partitions': 'AddPartitionsToTxn is answered, Produce is not sent',
  'append-produce-sent': 'Produce is sent, its response is never read',
  'append-after-produce': 'Produce is acknowledged, the Kafka transaction is open',
  'append-end-sent': 'EndTxn is sent, its response is never read',
  'append-after-commit': 'the Kafka transaction is committed, nothing is confirmed',
  'confirm-before': 'events were read back, their confirmation has not started',
  'confirm-in-transaction': 'the confirmation is written, not committed',
  'confirm-after-commit': 'the confirmation is committed, waiting requests are not notified',
  'schedule-due': 'a promotion is due, its execution is not requested',
  'answer-before': 'the result is known, the response is not sent',
  'take-over-partitions': 'a reader was assigned its partitions, and has not read',
  'project-before': 'a batch was read, its transaction has not started',
  'project-after-position': 'the position is advanced, its rows are not written',
  'project-after-rows': 'rows and position are written, not committed',
  'project-after-commit': 'rows and position are committed, and the process does not know',
} as const

export type Failpoint = keyof typeof failpoints

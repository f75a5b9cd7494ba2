export type { SchemaFinding } from './messages.js'
export { QueueBusy } from './fair-queue.js'
export { CheckCutOff, CheckTurn, KeyChecks, type KeyChecksOptions } from './key-checks.js'

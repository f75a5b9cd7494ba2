export type { SchemaFinding } from './messages.js'
export { CheckCutOff, CheckTurn, KeyChecks, type KeyChecksOptions } from './key-checks.js'

import { setTimeout as pause } from 'node:timers/promises'
import Broker from 'kafkajs/src/broker/index.js'
import Cluster from 'kafkajs/src/cluster/index.js'

/** `coordinatorTypes.js` of kafkajs: of a transaction, not of a consumer group. */
const TRANSACTION = 1
/** A coordinator moves only with its broker. The old one refuses requests, which ends the appender's term. */
const REMEMBERED_MS = 1000
/** How long the previous transaction may take to complete on all partitions. */
const COMPLETION_MS = 5000

/**
 * Makes kafkajs cache the transaction coordinator for a second. kafkajs 2.2.4 looks it up before each AddPartitionsToTxn and
 * each EndTxn (producer/eosManager), which are two of the five round trips of a transaction.
 */
export function rememberCoordinators(): void {
  const known = new WeakMap<Cluster, { answer: Promise<unknown>; until: number }>()
  const find = Cluster.prototype.findGroupCoordinatorMetadata
  Cluster.prototype.findGroupCoordinatorMetadata = function (question) {
    if (question.coordinatorType !== TRANSACTION) return find.call(this, question)
    const before = known.get(this)
    if (before && performance.now() < before.until) return before.answer
    const answer = find.call(this, question)
    known.set(this, { answer, until: performance.now() + REMEMBERED_MS })
    answer.catch(() => known.delete(this))
    return answer
  }
}

/**
 * Makes AddPartitionsToTxn retry while the previous transaction is being completed, which brokers report for back-to-back transactions
 * (CONCURRENT_TRANSACTIONS). kafkajs would retry the whole send, which is disabled: see `Appender`.
 */
export function awaitTransactionBefore(): void {
  const add = Broker.prototype.addPartitionsToTxn
  Broker.prototype.addPartitionsToTxn = async function (request) {
    const givesUpAt = performance.now() + COMPLETION_MS
    for (let wait = 1; ; wait = Math.min(wait * 2, 20)) {
      try {
        return await add.call(this, request)
      } catch (error) {
        const busy = (error as { type?: string }).type === 'CONCURRENT_TRANSACTIONS'
        if (!busy || performance.now() > givesUpAt) throw error
      }
      await pause(wait)
    }
  }
}

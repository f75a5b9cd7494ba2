import { setTimeout as pause } from 'node:timers/promises'
import Broker from 'kafkajs/src/broker/index.js'
import Cluster from 'kafkajs/src/cluster/index.js'

/** `coordinatorTypes.js` of kafkajs: of a transaction, not of a consumer group. */
const TRANSACTION = 1
/** A coordinator moves with its broker only. Whoever asks the old one is refused, which ends the term of the appender. */
const REMEMBERED_MS = 1000
/** How long the transaction before may take to be completed on all partitions. */
const COMPLETION_MS = 5000

/**
 * Has kafkajs remember for a second who coordinates transactions. kafkajs 2.2.4 asks before each AddPartitionsToTxn and
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
 * Has AddPartitionsToTxn wait while the transaction before is being completed, which brokers say to back-to-back transactions
 * (CONCURRENT_TRANSACTIONS). kafkajs leaves that to the retry of the whole send, and this may not happen: see `Appender`.
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

import Cluster from 'kafkajs/src/cluster/index.js'

/** `coordinatorTypes.js` of kafkajs: of a transaction, not of a consumer group. */
const TRANSACTION = 1
/** A coordinator moves with its broker only. Whoever asks the old one is refused, which ends the term of the appender. */
const REMEMBERED_MS = 1000

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

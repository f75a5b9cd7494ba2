import Runner from 'kafkajs/src/consumer/runner.js'

/**
 * Ends the fetchers of a consumer that was stopped while kafkajs replaced them, which it does when brokers come or go. kafkajs 2.2.4 starts
 * the new ones nevertheless, and each of them fetches nothing in a loop that never yields to the event loop (consumer/fetchManager and
 * consumer/runner), which blocks the process.
 */
export function endFetchingWhenStopped(): void {
  const { fetch } = Runner.prototype
  Runner.prototype.fetch = async function (nodeId) {
    if (!this.running) throw new Error('the consumer was stopped')
    return fetch.call(this, nodeId)
  }
}

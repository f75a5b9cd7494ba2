import Runner from 'kafkajs/src/consumer/runner.js'

/**
 * Ends the fetching of a consumer that was stopped while kafkajs replaced its fetchers, as it does when brokers come or go. kafkajs 2.2.4 starts
 * the new ones all the same, and each fetches nothing, again and again, without ever yielding to the event loop (consumer/fetchManager and
 * consumer/runner): the process does nothing else any more.
 */
export function endFetchingWhenStopped(): void {
  const { fetch } = Runner.prototype
  Runner.prototype.fetch = async function (nodeId) {
    if (!this.running) throw new Error('the consumer was stopped')
    return fetch.call(this, nodeId)
  }
}

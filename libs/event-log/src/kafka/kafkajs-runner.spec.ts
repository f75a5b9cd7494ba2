import createFetchManager from 'kafkajs/src/consumer/fetchManager.js'
import Runner from 'kafkajs/src/consumer/runner.js'
import { endFetchingWhenStopped } from './kafkajs-runner.js'

endFetchingWhenStopped()

const silent = { debug() {}, info() {}, namespace: () => silent }

it('a consumer that is stopped while its fetchers are replaced stops fetching', async () => {
  // given: while the fetcher of the first broker waits for its response, a broker is added and the consumer is stopped
  let nodes = ['1']
  let fetched = 0
  const runner = { running: true, logger: silent, consumerGroup: {} }
  const fetch = async (nodeId: string) => {
    fetched += 1
    if (fetched > 1000) throw new Error('it never stops fetching')
    if (fetched > 1) return Runner.prototype.fetch.call(runner, nodeId)
    nodes = ['1', '2']
    runner.running = false
    return []
  }
  const manager = createFetchManager({ logger: silent, getNodeIds: () => nodes, handler: async () => {}, fetch })

  // when and then
  await expect(manager.start()).rejects.toThrow('the consumer was stopped')
})

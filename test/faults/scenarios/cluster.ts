import { join } from 'node:path'
import { choosePort, embeddedKafka, type EmbeddedServer } from '#dev'

const HEAP_MIB = 256
/** Leaders go back to the first replica of their list within so many seconds. */
const REBALANCE_S = 1

/** Three brokers, each a controller too; everything is there three times, and two have to know of a write. */
export class Cluster {
  private constructor(
    readonly servers: readonly EmbeddedServer[],
    readonly brokers: string[],
  ) {}

  /** @param data a folder of its own */
  static async start(data: string): Promise<Cluster> {
    const ports: number[] = []
    for (let port = 0; port < 6; port++) ports.push(await choosePort([], ports))
    const [clients, controllers] = [ports.slice(0, 3), ports.slice(3)]
    const clusterId = 'shiplog-three-brokersA'
    const voters = controllers.map((port, index) => `${index + 1}@127.0.0.1:${port}`).join(',')
    const servers = await Promise.all(
      clients.map((port, index) =>
        embeddedKafka({
          data: join(data, `broker-${index + 1}`),
          port,
          controllerPort: controllers[index],
          heapMiB: HEAP_MIB,
          clusterId,
          properties: {
            'node.id': index + 1,
            'controller.quorum.voters': voters,
            'offsets.topic.replication.factor': 3,
            'transaction.state.log.replication.factor': 3,
            'transaction.state.log.min.isr': 2,
            'leader.imbalance.check.interval.seconds': REBALANCE_S,
            'leader.imbalance.per.broker.percentage': 0,
          },
        }),
      ),
    )
    const cluster = new Cluster(
      servers,
      clients.map(port => `127.0.0.1:${port}`),
    )
    await cluster.startAll()
    return cluster
  }

  /** None of them answers before there are two. */
  async startAll(): Promise<void> {
    await Promise.all(this.servers.map(server => server.start()))
  }

  async end(): Promise<void> {
    await Promise.all(this.servers.map(server => server.kill()))
  }
}

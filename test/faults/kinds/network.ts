import { setTimeout as pause } from 'node:timers/promises'
import type { FaultKind } from './fault-kind.js'
import { between } from '../world/pick.js'
import type { TcpProxy } from '../world/tcp-proxy.js'

/** Faults of the network between the apps and one of the servers. */
const networkFaults: {
  name: string
  weight: number
  inject(proxy: TcpProxy, random: () => number): Promise<string>
}[] = [
  {
    name: 'reset',
    weight: 6,
    async inject(proxy) {
      const { connections } = proxy
      proxy.reset()
      return `${connections} connections reset`
    },
  },
  {
    name: 'black-hole',
    weight: 2,
    async inject(proxy, random) {
      const ms = between(300, 4000, random)
      proxy.blackHole(true)
      await pause(ms).finally(() => proxy.blackHole(false))
      return `nothing passed for ${ms} ms`
    },
  },
  {
    name: 'latency',
    weight: 3,
    async inject(proxy, random) {
      const [ms, delay] = [between(300, 2000, random), between(20, 300, random)]
      proxy.latency(delay)
      await pause(ms).finally(() => proxy.latency(0))
      return `${delay} ms later each way for ${ms} ms`
    },
  },
  {
    // What was asked is done, and nobody is told: a Produce, an EndTxn, a COMMIT.
    name: 'answers-lost',
    weight: 4,
    async inject(proxy, random) {
      const ms = between(20, 1000, random)
      proxy.dropAnswers(true)
      await pause(ms).finally(() => {
        proxy.dropAnswers(false)
        proxy.reset()
      })
      return `answers lost for ${ms} ms, then reset`
    },
  },
  {
    name: 'refused',
    weight: 2,
    async inject(proxy, random) {
      const ms = between(100, 2000, random)
      proxy.refuse(true)
      proxy.reset()
      await pause(ms).finally(() => proxy.refuse(false))
      return `reset, and refused for ${ms} ms`
    },
  },
]

/** A fault of each kind in front of each server. */
export const networkKinds: FaultKind[] = (['kafka', 'postgres'] as const).flatMap(lane =>
  networkFaults.map(({ name, weight, inject }) => ({
    name: `${lane}-${name}`,
    lane,
    weight,
    inject: (world, random) => inject(world[lane].proxy, random),
  })),
)

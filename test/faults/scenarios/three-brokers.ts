import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { choosePort, makeScratchData, postgresUrl, removeData, startEmbeddedPostgres } from '#dev'
import { LeaderMoves } from '../../independent/log/leader-moves.js'
import { random } from '../../kit/random.js'
import { between, pick, sample } from '../world/pick.js'
import type { Scenario } from './scenario.js'
import { Cluster } from './cluster.js'
import { Stage } from './stage.js'

const TOPIC = 'shiplog.events.v1'
const ACKS_AFTERWARDS = 50

interface Scene {
  cluster: Cluster
  stage: Stage
  moves: LeaderMoves
  random: () => number
}

type Fault = (scene: Scene) => Promise<void>

const killOne: Fault = async ({ cluster, stage, random }) => {
  const server = pick(cluster.servers, random)
  await server.kill()
  await stage.recorders.untilAcked(ACKS_AFTERWARDS)
  await server.start()
}

/** It hands its partitions over to the others before it goes. */
const stopOne: Fault = async ({ cluster, stage, random }) => {
  const server = pick(cluster.servers, random)
  await server.stop()
  await stage.recorders.untilAcked(ACKS_AFTERWARDS)
  await server.start()
}

/** Fewer are in sync than have to know of a write; nor is there a majority that could say who leads. */
const killTwo: Fault = async ({ cluster, random }) => {
  const two = sample(cluster.servers, 2, random)
  await Promise.all(two.map(server => server.kill()))
  await pause(between(500, 4000, random))
  await Promise.all(two.map(server => server.start()))
}

/** Of the events, then of the transactions: while both are being written. */
const moveLeaders: Fault = async ({ stage, moves }) => {
  for (const topic of [TOPIC, '__transaction_state']) {
    const before = await moves.leaders(topic)
    await moves.rotate(topic)
    await stage.within(
      async () => (await moves.leaders(topic)).every((leader, partition) => leader !== before[partition]),
      `other leaders of ${topic}`,
    )
  }
}

const faults: Fault[] = [moveLeaders, killOne, moveLeaders, stopOne, killTwo, moveLeaders]

/** A cluster of three loses one broker, or two, and has other leaders in the middle of writes. */
export const threeBrokers: Scenario = {
  name: 'three-brokers',
  weight: 3,
  async run({ seed, project, seconds, logs }) {
    const data = makeScratchData()
    const deadline = performance.now() + seconds * 1000
    const postgresPort = await choosePort([])
    const postgres = await startEmbeddedPostgres({ data, port: postgresPort })
    const cluster = await Cluster.start(join(data, 'kafka'))
    const settings = { brokers: cluster.brokers, databaseUrl: postgresUrl(postgresPort), topic: TOPIC, project }
    let stage: Stage | undefined
    let moves: LeaderMoves | undefined
    try {
      stage = await Stage.start(settings, seed, logs)
      moves = await LeaderMoves.connect(cluster.brokers)
      const scene: Scene = { cluster, stage, moves, random: random(seed) }
      let injected = 0
      do {
        await stage.recorders.untilAcked(ACKS_AFTERWARDS)
        await faults[injected++ % faults.length]!(scene)
        await stage.within(async () => (await scene.moves.inSync(TOPIC)) === 3, 'all replicas to be in sync')
      } while (performance.now() < deadline)
      await stage.recorders.untilAcked(ACKS_AFTERWARDS)
      return await stage.judge(injected)
    } finally {
      await stage?.end()
      await moves?.close()
      await Promise.all([cluster.end(), postgres.kill()])
      removeData(data)
    }
  },
}

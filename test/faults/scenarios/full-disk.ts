import { setTimeout as pause } from 'node:timers/promises'
import { choosePort, type EmbeddedServer, postgresUrl, startEmbeddedKafka, startEmbeddedPostgres } from '#dev'
import { random } from '../../kit/random.js'
import { between } from '../world/pick.js'
import type { Scenario } from './scenario.js'
import { SmallDisk } from './small-disk.js'
import { Stage } from './stage.js'

const ACKS_AFTERWARDS = 50
const KAFKA_MIB = 96
const POSTGRES_MIB = 192
const REFILL_MS = 100
const LOOK_MS = 200

/** The disk of Postgres or of Kafka is full for a while; a server that ends of it is started again when there is room. */
export const fullDisk: Scenario = {
  name: 'full-disk',
  weight: 1,
  async run({ seed, project, seconds, logs }) {
    const disks = [SmallDisk.mount(POSTGRES_MIB), SmallDisk.mount(KAFKA_MIB)]
    const [postgresDisk, kafkaDisk] = disks
    const servers: EmbeddedServer[] = []
    let stage: Stage | undefined
    try {
      if (!postgresDisk || !kafkaDisk) return skipped
      const [postgresPort, kafkaPort] = [await choosePort([]), await choosePort([])]
      // Small segments of its log, so that it needs room soon.
      const settings = { max_wal_size: '32MB', min_wal_size: '32MB' }
      const postgres = await startEmbeddedPostgres({ data: postgresDisk.folder, port: postgresPort, settings })
      servers.push(postgres)
      const kafka = await startEmbeddedKafka({ data: kafkaDisk.folder, port: kafkaPort })
      servers.push(kafka)
      const brokers = [`127.0.0.1:${kafkaPort}`]
      const app = { brokers, databaseUrl: postgresUrl(postgresPort), topic: 'shiplog.events.v1', project }
      stage = await Stage.start(app, seed, logs)

      const chance = random(seed)
      const deadline = performance.now() + seconds * 1000
      let injected = 0
      do {
        for (const [server, disk] of [[postgres, postgresDisk] as const, [kafka, kafkaDisk] as const]) {
          await stage.recorders.untilAcked(ACKS_AFTERWARDS)
          await keepFull(disk, between(1000, 4000, chance))
          injected++
          await untilRecovered(stage, server)
        }
      } while (performance.now() < deadline)
      return await stage.judge(injected)
    } finally {
      await stage?.end()
      await Promise.all(servers.map(server => server.kill()))
      for (const disk of disks) disk?.unmount()
    }
  },
}

const skipped = {
  injected: 0,
  acked: 0,
  lost: [],
  doubled: [],
  outOfOrder: [],
  other: [],
  skipped: 'a small disk (tmpfs) could not be mounted: only root may',
}

/** Waits for acknowledgements, and starts the server where it ended of the full disk, sooner or later. */
async function untilRecovered({ recorders }: Stage, server: EmbeddedServer): Promise<void> {
  const acked = recorders.untilAcked(ACKS_AFTERWARDS).then(() => true)
  while (!(await Promise.race([acked, pause(LOOK_MS, false)]))) {
    if (!server.running()) await server.start()
  }
}

/** What the server frees is filled at once. */
async function keepFull(disk: SmallDisk, ms: number): Promise<void> {
  const deadline = performance.now() + ms
  try {
    while (performance.now() < deadline) {
      disk.fill()
      await pause(REFILL_MS)
    }
  } finally {
    disk.free()
  }
}

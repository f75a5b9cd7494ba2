import { setTimeout as pause } from 'node:timers/promises'
import kafkajs, { type Admin } from 'kafkajs'
import { PARTITIONS, WrongTopic, type LogLogger } from './log-types.js'

const PATIENCE_MS = 15_000
const RETRY_MS = 50
/** Errors of a broker for a topic that was just created. */
const NOT_YET = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'NOT_LEADER_FOR_PARTITION', 'LEADER_NOT_AVAILABLE'])

/**
 * Brokers decompress records, up to `max.message.bytes`. Otherwise one compressed foreign record could end every
 * reader: kafkajs supports only gzip, and without a limit on the decompressed size.
 */
const COMPRESSION = { name: 'compression.type', value: 'uncompressed' }

/**
 * Creates the topic if absent: 12 partitions, unlimited retention, no compaction; on three brokers or more with three
 * replicas, two of them in sync. Replicas are fixed at creation, so if three brokers are configured, this rejects
 * until three are available. Throws WrongTopic if an existing topic has another number of partitions.
 *
 * @param named number of configured brokers
 */
export async function prepareTopic(admin: Admin, topic: string, named: number, logger: LogLogger): Promise<void> {
  const { brokers } = await admin.describeCluster()
  const cluster = Math.max(brokers.length, named) >= 3
  const created = await admin.createTopics({
    // kafkajs fails at the first broker that does not know the topic yet; countPartitions waits for it.
    waitForLeaders: false,
    topics: [
      {
        topic,
        numPartitions: PARTITIONS,
        replicationFactor: cluster ? 3 : 1,
        configEntries: [
          { name: 'cleanup.policy', value: 'delete' },
          { name: 'retention.ms', value: '-1' },
          { name: 'retention.bytes', value: '-1' },
          { name: 'max.message.bytes', value: String(8 * 1024 * 1024) },
          { name: 'min.insync.replicas', value: cluster ? '2' : '1' },
          { name: 'unclean.leader.election.enable', value: 'false' },
          COMPRESSION,
        ],
      },
    ],
  })
  const count = await countPartitions(admin, topic)
  if (count !== PARTITIONS) {
    throw new WrongTopic(
      `topic ${topic} has ${count} partitions, the ledger needs ${PARTITIONS}: set SHIPLOG_TOPIC to another topic`,
    )
  }
  if (!created) await warnOfCompression(admin, topic, logger)
}

/** An existing topic keeps its own setting, which only its operator may change. */
async function warnOfCompression(admin: Admin, topic: string, logger: LogLogger): Promise<void> {
  const { name, value } = COMPRESSION
  const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: [name] }
  try {
    const { resources } = await admin.describeConfigs({ resources: [resource], includeSynonyms: false })
    const found = resources[0]?.configEntries.find(({ configName }) => configName === name)?.configValue
    if (found === undefined || found === value) return
    logger.warn(
      `Kafka topic ${topic} has ${name}=${found}, so a compressed foreign record would stop all readers: ` +
        `run kafka-configs --alter --topic ${topic} --add-config ${name}=${value}`,
      { event: 'topic.compressed', topic, value: found },
    )
  } catch (error) {
    // This process may not be allowed to read it.
    logger.debug('Topic settings could not be read', { event: 'topic.settings_unknown', topic, error: String(error) })
  }
}

/** Waits until the topic is known and the leader of each of its partitions answers. */
async function countPartitions(admin: Admin, topic: string): Promise<number> {
  const givesUpAt = Date.now() + PATIENCE_MS
  for (;;) {
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
      const partitions = topics[0]?.partitions ?? []
      if (partitions.length > 0 && partitions.every(({ leader }) => leader >= 0)) {
        // A broker may be listed as the leader before it is ready.
        await admin.fetchTopicOffsets(topic)
        return partitions.length
      }
      if (Date.now() > givesUpAt) throw new WrongTopic(`topic ${topic} has partitions without a leader`)
    } catch (error) {
      if (!NOT_YET.has((error as { type?: string }).type ?? '') || Date.now() > givesUpAt) throw error
    }
    await pause(RETRY_MS)
  }
}

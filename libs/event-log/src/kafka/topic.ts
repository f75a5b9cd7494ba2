import { setTimeout as pause } from 'node:timers/promises'
import kafkajs, { type Admin } from 'kafkajs'
import { PARTITIONS, WrongTopic, type LogLogger } from './log-types.js'

const PATIENCE_MS = 15_000
const RETRY_MS = 50
/** What a broker answers about a topic that has just been made. */
const NOT_YET = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'NOT_LEADER_FOR_PARTITION', 'LEADER_NOT_AVAILABLE'])

/**
 * The brokers unpack what anybody sends packed, up to `max.message.bytes`. Else one packed record of somebody else's would end every
 * reader: kafkajs knows gzip alone, without a limit on what comes out of it.
 */
const COMPRESSION = { name: 'compression.type', value: 'uncompressed' }

/**
 * Creates the topic where it is absent: 12 partitions, kept for ever, never compacted; on three brokers or more replicated
 * three times with two in sync. A topic keeps the replicas that it is made with: where three brokers are named, it is not made
 * (this rejects) until three are there. Throws WrongTopic when the one that is there has another number of partitions.
 *
 * @param named how many brokers the process was told of
 */
export async function prepareTopic(admin: Admin, topic: string, named: number, logger: LogLogger): Promise<void> {
  const { brokers } = await admin.describeCluster()
  const cluster = Math.max(brokers.length, named) >= 3
  const created = await admin.createTopics({
    // kafkajs gives up on the first broker that has not heard of the topic yet; countPartitions waits for it.
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
      `topic ${topic} has ${count} partitions, the ledger needs ${PARTITIONS}: name another topic in SHIPLOG_TOPIC`,
    )
  }
  if (!created) await warnOfCompression(admin, topic, logger)
}

/** A topic that is older than this setting keeps what it has: only its operator may change that. */
async function warnOfCompression(admin: Admin, topic: string, logger: LogLogger): Promise<void> {
  const { name, value } = COMPRESSION
  const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: [name] }
  try {
    const { resources } = await admin.describeConfigs({ resources: [resource], includeSynonyms: false })
    const found = resources[0]?.configEntries.find(({ configName }) => configName === name)?.configValue
    if (found === undefined || found === value) return
    logger.warn(
      `topic ${topic} has ${name}=${found}: a compressed record that somebody else writes would stop all readers. ` +
        `Set it with kafka-configs --alter --topic ${topic} --add-config ${name}=${value}.`,
    )
  } catch (error) {
    // It may not be ours to see.
    logger.debug('the configuration of the topic is not known', { error: String(error) })
  }
}

/** Waits until the topic is known and the leader of each of its partitions answers for it. */
async function countPartitions(admin: Admin, topic: string): Promise<number> {
  const givesUpAt = Date.now() + PATIENCE_MS
  for (;;) {
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
      const partitions = topics[0]?.partitions ?? []
      if (partitions.length > 0 && partitions.every(({ leader }) => leader >= 0)) {
        // A broker may be named as the leader a moment before it knows.
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

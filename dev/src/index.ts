export { embeddedKafka, type KafkaOptions, startEmbeddedKafka, stopKafkaOrphan } from './kafka/embedded-kafka.js'
export {
  embeddedPostgres,
  type PostgresOptions,
  postgresUrl,
  startEmbeddedPostgres,
} from './postgres/embedded-postgres.js'
export { type EmbeddedServer } from './process/embedded-server.js'
export { type Endpoints, readEndpoints, removeEndpoints, updatePids, writeEndpoints } from './stack/endpoints.js'
export { fetchKafkaJars, kafkaJarsCached } from './kafka/kafka-jars.js'
export { DataInUse } from './stack/ownership.js'
export { choosePort } from './process/ports.js'
export { removeData } from './postgres/postgres-home.js'
export { projectFolder } from './process/project.js'
export { makeScratchData, sweepScratchData } from './stack/scratch-data.js'
export { secretsKey } from './stack/secrets-key.js'
export { type Stack, type StackOptions, startStack } from './stack/stack.js'
export { until } from './process/until.js'

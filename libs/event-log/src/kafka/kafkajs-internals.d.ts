declare module 'kafkajs/src/cluster/index.js' {
  interface CoordinatorQuestion {
    groupId: string
    coordinatorType?: number
  }

  /** The brokers known to kafkajs; each producer and consumer has its own instance. */
  export default class Cluster {
    findGroupCoordinatorMetadata(question: CoordinatorQuestion): Promise<unknown>
  }
}

declare module 'kafkajs/src/broker/index.js' {
  /** The connection to one broker. */
  export default class Broker {
    addPartitionsToTxn(request: object): Promise<unknown>
  }
}

declare module 'kafkajs/src/protocol/decoder.js' {
  /** Reads the bytes of a response. */
  export default class Decoder {
    constructor(bytes: Buffer)
    readVarInt(): number
    readVarIntArray(read: (decoder: Decoder) => unknown): unknown
    readVarIntBytes(): Buffer | null
    readVarIntString(): string | null
  }
}

declare module 'kafkajs/src/protocol/recordBatch/header/v0/decoder.js' {
  import type Decoder from 'kafkajs/src/protocol/decoder.js'

  /** Reads one header of a record. */
  export default function readHeader(decoder: Decoder): unknown
}

declare module 'kafkajs/src/consumer/runner.js' {
  /** Fetches and handles batches of a consumer. */
  export default class Runner {
    running: boolean
    fetch(this: { running: boolean }, nodeId: string): Promise<unknown[]>
  }
}

declare module 'kafkajs/src/consumer/fetchManager.js' {
  interface FetchManagerOptions {
    logger: object
    getNodeIds(): string[]
    fetch(nodeId: string): Promise<unknown[]>
    handler(batch: unknown): Promise<void>
  }

  /** Has one fetcher for each broker. */
  export default function createFetchManager(options: FetchManagerOptions): { start(): Promise<void> }
}

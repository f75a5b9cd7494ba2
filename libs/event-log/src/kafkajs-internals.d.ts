declare module 'kafkajs/src/cluster/index.js' {
  interface CoordinatorQuestion {
    groupId: string
    coordinatorType?: number
  }

  /** What kafkajs knows of the brokers; each producer and consumer has one of its own. */
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

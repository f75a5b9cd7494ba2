import { Kafka, logLevel, type LogEntry, type RetryOptions } from 'kafkajs'
import type { LogLogger, LogSettings } from './log-types.js'
import { readHeadersOnce } from './kafkajs-headers.js'
import { endFetchingWhenStopped } from './kafkajs-runner.js'
import { awaitTransactionBefore, rememberCoordinators } from './kafkajs-transactions.js'

// The ledger sets the partition of every record, so the warning about the default partitioner of kafkajs 2 does not apply.
process.env['KAFKAJS_NO_PARTITIONER_WARNING'] = '1'
rememberCoordinators()
awaitTransactionBefore()
readHeadersOnce()
endFetchingWhenStopped()

/** Retries of readers and administration: long enough for a restart of a broker. */
export const patientRetry: RetryOptions = { retries: 10, initialRetryTime: 100, maxRetryTime: 1000 }

/** A kafkajs client with the timeouts of the write protocol. */
export function kafkaClient({ brokers, clientId, logger }: LogSettings, retry: RetryOptions): Kafka {
  return new Kafka({
    brokers,
    clientId,
    retry,
    connectionTimeout: 5000,
    requestTimeout: 12_000,
    logLevel: logLevel.DEBUG,
    logCreator: () => entry => forward(logger, entry),
  })
}

/**
 * kafkajs logs each response that it retries as an error (`Response ...`): coordinators that are loading, and
 * CONCURRENT_TRANSACTIONS, which every broker returns for back-to-back transactions. Persistent errors are thrown.
 */
function forward(logger: LogLogger, { level, log }: LogEntry): void {
  const { message, error } = log as { message: string; error?: unknown }
  const cause = typeof error === 'string' ? error : error instanceof Error ? error.message : undefined
  const fields = { event: 'kafka.client', ...(cause !== undefined && { error: cause }) }
  if (level === logLevel.ERROR && !message.startsWith('Response ')) logger.warn(message, fields)
  else logger.debug(message, fields)
}

import { Kafka, logLevel, type LogEntry, type RetryOptions } from 'kafkajs'
import type { LogLogger, LogSettings } from './log-types.js'
import { readHeadersOnce } from './kafkajs-headers.js'
import { endFetchingWhenStopped } from './kafkajs-runner.js'
import { awaitTransactionBefore, rememberCoordinators } from './kafkajs-transactions.js'

// We set the partition of every record ourselves; the warning about kafkajs 2's default partitioner tells us nothing.
process.env['KAFKAJS_NO_PARTITIONER_WARNING'] = '1'
rememberCoordinators()
awaitTransactionBefore()
readHeadersOnce()
endFetchingWhenStopped()

/** Retries of a reader or of administration: patient, because a broker that restarts is away for seconds. */
export const patientRetry: RetryOptions = { retries: 10, initialRetryTime: 100, maxRetryTime: 1000 }

/** A kafkajs client with the time-outs of the write protocol. */
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
 * kafkajs reports each answer that makes it try again as an error (`Response ...`): coordinators that are still loading, and
 * CONCURRENT_TRANSACTIONS, what every broker says to back-to-back transactions. What is not cured so reaches us as an exception.
 */
function forward(logger: LogLogger, { level, log }: LogEntry): void {
  const { message, error } = log as { message: string; error?: unknown }
  const cause = typeof error === 'string' ? error : error instanceof Error ? error.message : undefined
  const fields = cause === undefined ? {} : { error: cause }
  if (level === logLevel.ERROR && !message.startsWith('Response ')) logger.warn(message, fields)
  else logger.debug(message, fields)
}

import { Kafka, logLevel, type LogEntry, type RetryOptions } from 'kafkajs'
import type { LogLogger, LogSettings } from './log-types.js'

// We set the partition of every record ourselves; the warning about kafkajs 2's default partitioner tells us nothing.
process.env['KAFKAJS_NO_PARTITIONER_WARNING'] = '1'

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
 * kafkajs reports each retry as an error. What it retries by itself is a warning at most, and CONCURRENT_TRANSACTIONS, the
 * answer of every broker to back-to-back transactions, is not even that.
 */
function forward(logger: LogLogger, { level, log }: LogEntry): void {
  const { message, error } = log as { message: string; error?: unknown }
  const cause = typeof error === 'string' ? error : error instanceof Error ? error.message : undefined
  const fields = cause === undefined ? {} : { error: cause }
  if (level === logLevel.ERROR && !/transaction|concurrent/i.test(`${message} ${cause}`)) logger.warn(message, fields)
  else logger.debug(message, fields)
}

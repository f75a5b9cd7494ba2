import { SettingsError } from './settings.js'
import type { Logger } from './logger.js'

/** sysexits.h: invalid configuration. */
const EX_CONFIG = 78

/** A running app, as its process sees it. */
export interface ProcessHandle {
  log: Logger
  /** Time for `close` before the process exits regardless. */
  drainTimeoutMs: number
  /** Stops accepting work, finishes what is in progress and closes connections. */
  close(): Promise<void>
}

/**
 * Runs an app as a process. SIGTERM and SIGINT drain it within `drainTimeoutMs`; a second signal exits immediately. Invalid
 * settings are printed, with exit code 78; any other failure exits with 1.
 */
export async function runProcess(start: () => Promise<ProcessHandle>): Promise<void> {
  let app: ProcessHandle
  try {
    app = await start()
  } catch (error) {
    reportFailedStart(error)
    return
  }
  const { log } = app
  const fail = (event: string, message: string) => (error: unknown) => {
    log.fatal(message, { event, error })
    process.exit(1)
  }
  process.on('uncaughtException', fail('process.uncaught_exception', 'uncaught exception: the process exits'))
  process.on('unhandledRejection', fail('process.unhandled_rejection', 'unhandled rejection: the process exits'))

  let stopping = false
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(1)
    stopping = true
    void drain(app, signal)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

async function drain({ log, drainTimeoutMs, close }: ProcessHandle, signal: NodeJS.Signals): Promise<never> {
  log.info('stopping: finishing the work in progress', { event: 'process.stopping', signal, drainTimeoutMs })
  setTimeout(() => {
    log.error('stopping took too long: the process exits', { event: 'process.stop_timed_out', drainTimeoutMs })
    process.exit(1)
  }, drainTimeoutMs).unref()
  try {
    await close()
  } catch (error) {
    log.error('stopping failed', { event: 'process.stop_failed', error })
    process.exit(1)
  }
  log.info('stopped', { event: 'process.stopped' })
  process.exit(0)
}

function reportFailedStart(error: unknown): void {
  if (error instanceof SettingsError) {
    process.stderr.write(`${error.problems.join('\n')}\n`)
    process.exit(EX_CONFIG)
  }
  // No stack: most often a server is unavailable.
  process.stderr.write(`Shiplog could not start: ${messageOf(error)}${isUnreachable(error) ? hint : ''}\n`)
  process.exit(1)
}

const hint = '. Check that PostgreSQL (DATABASE_URL) and Kafka (KAFKA_BROKERS) run and can be reached from here.'

function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code = '' } = error as NodeJS.ErrnoException
  if (/^(ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|EHOSTUNREACH)$/.test(code) || error.name.startsWith('KafkaJS'))
    return true
  return error instanceof AggregateError ? error.errors.some(isUnreachable) : isUnreachable(error.cause)
}

/** Node's connection errors are aggregates without a message. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && !error.message) return error.errors.map(messageOf).join('; ')
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message} (${messageOf(error.cause)})`
}

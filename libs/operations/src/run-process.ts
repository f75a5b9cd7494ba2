import { ConfigurationError } from './configuration.js'
import type { Log } from './log.js'

/** sysexits.h: something was found in an unconfigured or misconfigured state. */
const EX_CONFIG = 78

/** What runs until it is closed. */
export interface Running {
  log: Log
  /** How long `close` may take before the process ends anyway. */
  drainTimeoutMs: number
  /** Takes no new work, finishes what is under way, closes connections. */
  close(): Promise<void>
}

/**
 * Runs an app as a process of its own: SIGTERM and SIGINT drain it in bounded time (a second one ends it at once), a
 * wrong environment is told in plain sentences with exit code 78, any other failure ends it with 1.
 */
export async function runProcess(start: () => Promise<Running>): Promise<void> {
  let running: Running
  try {
    running = await start()
  } catch (error) {
    tellFailedStart(error)
    return
  }
  const { log } = running
  const fail = (message: string) => (error: unknown) => {
    log.fatal(message, { error })
    process.exit(1)
  }
  process.on('uncaughtException', fail('an error that nothing handled: the process ends'))
  process.on('unhandledRejection', fail('a rejection that nothing handled: the process ends'))

  let stopping = false
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(1)
    stopping = true
    void drain(running, signal)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

async function drain({ log, drainTimeoutMs, close }: Running, signal: NodeJS.Signals): Promise<never> {
  log.info('stopping: no new work is taken, what is under way is finished', { signal, drainTimeoutMs })
  setTimeout(() => {
    log.error('not everything was finished in time: the process ends anyway', { drainTimeoutMs })
    process.exit(1)
  }, drainTimeoutMs).unref()
  try {
    await close()
  } catch (error) {
    log.error('stopping failed', { error })
    process.exit(1)
  }
  log.info('stopped')
  process.exit(0)
}

function tellFailedStart(error: unknown): void {
  if (error instanceof ConfigurationError) {
    process.stderr.write(`${error.problems.join('\n')}\n`)
    process.exit(EX_CONFIG)
  }
  // The message, not the stack: what fails at a start is mostly a server that is away.
  process.stderr.write(`Shiplog could not start: ${messageOf(error)}${isUnreachable(error) ? hint : ''}\n`)
  process.exit(1)
}

const hint = '. Do PostgreSQL (DATABASE_URL) and Kafka (KAFKA_BROKERS) run, and can they be reached from here?'

function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code = '' } = error as NodeJS.ErrnoException
  if (/^(ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|EHOSTUNREACH)$/.test(code) || error.name.startsWith('KafkaJS'))
    return true
  return error instanceof AggregateError ? error.errors.some(isUnreachable) : isUnreachable(error.cause)
}

/** Connection errors of Node are aggregates without a message of their own. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && !error.message) return error.errors.map(messageOf).join('; ')
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message} (${messageOf(error.cause)})`
}

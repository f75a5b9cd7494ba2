import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino'
import type { LogLevel } from './settings.js'
import { currentRequest } from './request-context.js'

export interface LoggerOptions {
  /** Name of the app: `command`, `projector`, `query`, `standalone`. */
  app: string
  level: LogLevel
  /** Where the lines are written; default standard output. */
  destination?: DestinationStream
}

/**
 * Structured logs: one JSON object a line, with the id and tenant of the current request. The fields of a line include a stable
 * `event`, such as `http.request_failed`, by which operators select it; the message may change.
 */
export class Logger {
  private constructor(private readonly pino: PinoLogger) {}

  static create({ app, level, destination }: LoggerOptions): Logger {
    const options = {
      level,
      base: { app, pid: process.pid },
      messageKey: 'message',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label: string) => ({ level: label }) },
      mixin: () => ({ ...currentRequest() }),
      serializers: { error: describeError },
    }
    return new Logger(destination ? pino(options, destination) : pino(options))
  }

  /** A log that adds these fields to each line. */
  with(fields: object): Logger {
    return new Logger(this.pino.child(fields))
  }

  debug(message: string, fields: object = {}): void {
    this.pino.debug(fields, message)
  }

  info(message: string, fields: object = {}): void {
    this.pino.info(fields, message)
  }

  warn(message: string, fields: object = {}): void {
    this.pino.warn(fields, message)
  }

  error(message: string, fields: object = {}): void {
    this.pino.error(fields, message)
  }

  fatal(message: string, fields: object = {}): void {
    this.pino.fatal(fields, message)
  }
}

interface DescribedError {
  type: string
  message: string
  code?: unknown
  stack?: string
  cause?: unknown
}

/**
 * Serialises the field `error`. Only these members: database drivers attach the failed row and the parameters of a query to their
 * errors, and request data must not reach the log.
 */
function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : typeof error
  const described: DescribedError = { type: error.name, message: error.message }
  if ('code' in error) described.code = error.code
  if (error.stack !== undefined) described.stack = error.stack
  if (error.cause !== undefined && depth < 5) described.cause = describeError(error.cause, depth + 1)
  return described
}

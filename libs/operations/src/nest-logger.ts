import type { Logger } from './logger.js'

/** Contexts in which Nest logs its own start. */
const startUp = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
  'NestMicroservice',
])

/** Context in which Nest logs a failed start with a stack; runProcess reports it in a sentence. */
const failedStart = 'ExceptionHandler'

/** Nest's LoggerService, writing to the app's log: pass it as `logger` to NestFactory. */
export class NestLogger {
  constructor(private readonly sink: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    const fields = fieldsOf(rest)
    if (startUp.has(fields.context ?? '')) this.sink.debug(textOf(message), fields)
    else this.sink.info(textOf(message), fields)
  }

  error(message: unknown, ...rest: unknown[]): void {
    const fields = { ...fieldsOf(rest), ...(message instanceof Error && { error: message }) }
    if (fields.context === failedStart) this.sink.debug(textOf(message), fields)
    else this.sink.error(textOf(message), fields)
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.sink.warn(textOf(message), fieldsOf(rest))
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.sink.debug(textOf(message), fieldsOf(rest))
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.sink.debug(textOf(message), fieldsOf(rest))
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.sink.fatal(textOf(message), fieldsOf(rest))
  }
}

function textOf(message: unknown): string {
  if (message instanceof Error) return message.message
  return typeof message === 'string' ? message : JSON.stringify(message)
}

/** Nest passes the context last and, for errors, a stack before it. */
function fieldsOf(rest: unknown[]): { event: string; context?: string; stack?: string } {
  const texts = rest.filter(value => typeof value === 'string')
  const context = texts.at(-1)
  const stack = texts.length > 1 ? texts[0] : undefined
  return {
    event: 'nest.message',
    ...(context !== undefined && { context }),
    ...(stack !== undefined && { stack }),
  }
}

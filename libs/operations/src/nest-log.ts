import type { Log } from './log.js'

/** Contexts in which Nest tells of its own start. */
const startUp = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
  'NestMicroservice',
])

/** Nest tells of a failed start with a stack; whoever started tells of it in a sentence. */
const failedStart = 'ExceptionHandler'

/** Nest's LoggerService over our log: pass it as `logger` to NestFactory. */
export class NestLog {
  constructor(private readonly sink: Log) {}

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

/** Nest passes the context last; before it, with errors, a stack. */
function fieldsOf(rest: unknown[]): { context?: string; stack?: string } {
  const texts = rest.filter(value => typeof value === 'string')
  const context = texts.at(-1)
  const stack = texts.length > 1 ? texts[0] : undefined
  return { ...(context !== undefined && { context }), ...(stack !== undefined && { stack }) }
}

import { Logger, NestLogger, runInRequest } from './index.js'

function capture() {
  const lines: string[] = []
  const log = Logger.create({ app: 'test', level: 'info', destination: { write: line => void lines.push(line) } })
  return { log, read: () => lines.map(line => JSON.parse(line)) }
}

describe('Logger', () => {
  it('writes JSON lines with the id and tenant of the request', () => {
    const { log, read } = capture()
    runInRequest({ requestId: 'r', tenant: 't' }, () => log.with({ part: 'ledger' }).info('said', { figure: 1 }))
    log.debug('not at this level')
    expect(read()).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        app: 'test',
        pid: process.pid,
        part: 'ledger',
        requestId: 'r',
        tenant: 't',
        figure: 1,
        message: 'said',
      },
    ])
  })

  it('logs the type, message, stack and cause of an error, without the row that drivers attach to it', () => {
    const { log, read } = capture()
    const cause = Object.assign(new Error('unique'), { code: '23505', detail: 'Key (notes)=(confidential)' })
    const error = Object.assign(new Error('insert failed', { cause }), { parameters: ['confidential'] })
    log.error('failed', { error })
    const [line] = read()
    expect(line.error).toMatchObject({
      type: 'Error',
      message: 'insert failed',
      stack: expect.stringContaining('logger.spec'),
      cause: { message: 'unique', code: '23505' },
    })
    expect(JSON.stringify(line)).not.toContain('confidential')
  })
})

describe('NestLogger', () => {
  it('drops the messages of its start, and logs contexts and stacks', () => {
    const { log, read } = capture()
    const nest = new NestLogger(log)
    nest.log('Mapped {/a, GET} route', 'RouterExplorer')
    nest.log('hello', 'SomeService')
    nest.error('failed', 'Error: failed\n    at x', 'SomeService')
    nest.error(new TypeError('typed'))
    expect(read()).toEqual([
      expect.objectContaining({ level: 'info', message: 'hello', context: 'SomeService' }),
      expect.objectContaining({ level: 'error', message: 'failed', context: 'SomeService', stack: expect.any(String) }),
      expect.objectContaining({
        level: 'error',
        message: 'typed',
        error: expect.objectContaining({ type: 'TypeError' }),
      }),
    ])
  })
})

import { LedgerUnavailable, type Ledger, type CommandResult } from '#libs/ledger'
import type { Deployment } from '#libs/domain'
import { Logger } from '#libs/operations'
import type { ImportRequest, ReadLine } from './import-line.js'
import { RetryingSubmitter } from './retrying-submitter.js'

/** A ledger that is unavailable for chosen calls, and records its decisions in order. */
class FakeLedger {
  readonly decided: string[] = []

  constructor(private fails: (bodyHash: string, call: number) => boolean) {}

  private calls = 0

  execute = (async ({ bodyHash }: ImportRequest) => {
    if (this.fails(bodyHash, ++this.calls)) throw new LedgerUnavailable('away')
    this.decided.push(bodyHash)
    return { kind: 'appended', commandId: bodyHash } as CommandResult<Deployment>
  }) as unknown as Ledger['execute']
}

const line = (name: string, application = 'a') => ({ application, request: { bodyHash: name } }) as ReadLine
const silent = Logger.create({ app: 'test', level: 'silent' })
const running = new AbortController().signal

/** Submits lines concurrently; the result of a rejected line is `undefined`. */
async function submitAll(ledger: FakeLedger, lines: ReadLine[], stopping = running) {
  const submitter = new RetryingSubmitter(ledger, stopping, silent)
  const outcomes = lines.map((each, index) =>
    submitter.submit(index + 1, each).then(
      ({ commandId }) => commandId,
      () => undefined,
    ),
  )
  return Promise.all(outcomes)
}

describe('RetryingSubmitter', () => {
  it('retries lines in their order while the ledger is unavailable', async () => {
    const names = ['1', '2', '3', '4']
    const ledger = new FakeLedger((_, call) => call <= names.length + 1)
    expect(
      await submitAll(
        ledger,
        names.map(name => line(name)),
      ),
    ).toEqual(names)
    expect(ledger.decided).toEqual(names)
  })

  it('admits no new line before stalled ones', async () => {
    const ledger = new FakeLedger((_, call) => call === 1)
    const submitter = new RetryingSubmitter(ledger, running, silent)
    const first = submitter.submit(1, line('1'))
    await new Promise(resolve => setImmediate(resolve))
    await submitter.ready()
    await Promise.all([first, submitter.submit(2, line('2'))])
    expect(ledger.decided).toEqual(['1', '2'])
  })

  it('rejects a line that a later one of its application has overtaken, and only that one', async () => {
    const ledger = new FakeLedger((_, call) => call <= 2)
    const outcomes = await submitAll(ledger, [line('1', 'a'), line('2', 'b'), line('3', 'a')])
    expect(outcomes).toEqual([undefined, '2', '3'])
    expect(ledger.decided).toEqual(['3', '2'])
  })

  it('rejects stalled lines when the process stops', async () => {
    const ledger = new FakeLedger(() => true)
    expect(await submitAll(ledger, [line('1')], AbortSignal.abort())).toEqual([undefined])
  })

  it('passes other errors on without a retry', async () => {
    const broken = { execute: () => Promise.reject(new TypeError('broken')) } as unknown as FakeLedger
    await expect(new RetryingSubmitter(broken, running, silent).submit(1, line('1'))).rejects.toThrow('broken')
  })
})

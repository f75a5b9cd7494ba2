import { setTimeout as pause } from 'node:timers/promises'
import type { Deployment } from '#libs/domain'
import { type Ledger, LedgerUnavailable, type CommandResult } from '#libs/ledger'
import type { Logger } from '#libs/operations'
import type { ReadLine } from './import-line.js'

/** Limit of the wait of an import for an unavailable ledger. */
const PATIENCE_MS = 15_000
const RETRY_MS = 250
/** Number of applications above which those are dropped that no pending line can precede. */
const REMEMBERED = 4096

interface Submission extends ReadLine {
  number: number
  resolve(outcome: CommandResult<Deployment>): void
  reject(error: unknown): void
}

interface Stalled {
  submission: Submission
  error: LedgerUnavailable
}

/**
 * Submits the lines of one import, and retries those that the ledger could not decide, in the order of each application's lines: new
 * lines wait until all stalled ones are retried in order, and a line is rejected if a later line of its application was decided before.
 */
export class RetryingSubmitter {
  private readonly underWay = new Set<number>()
  private stalled: Stalled[] = []
  /** By application: number of the latest decided line. */
  private readonly decided = new Map<string, number>()
  private recovery: Promise<void> | undefined
  private givesUpAt = Infinity
  private wake: () => void = () => undefined

  constructor(
    private readonly ledger: Pick<Ledger, 'execute'>,
    private readonly stopping: AbortSignal,
    private readonly log: Logger,
  ) {}

  /** Resolves when new lines may be submitted. */
  async ready(): Promise<void> {
    await this.recovery
  }

  /** Rejects with LedgerUnavailable if the ledger is unavailable for too long. */
  submit(number: number, line: ReadLine): Promise<CommandResult<Deployment>> {
    return new Promise((resolve, reject) => void this.attempt({ ...line, number, resolve, reject }))
  }

  private async attempt(submission: Submission): Promise<void> {
    const { number, application, request, resolve, reject } = submission
    this.underWay.add(number)
    try {
      const outcome = await this.ledger.execute(request)
      this.givesUpAt = Infinity
      this.remember(application, number)
      resolve(outcome)
    } catch (error) {
      if (error instanceof LedgerUnavailable) this.stalled.push({ submission, error })
      else reject(error)
    }
    this.underWay.delete(number)
    if (this.stalled.length > 0) this.recovery ??= this.recover()
    this.wake()
  }

  /** Resolves when no line is stalled any more: each was decided or rejected. */
  private async recover(): Promise<void> {
    this.givesUpAt = Math.min(this.givesUpAt, Date.now() + PATIENCE_MS)
    for (await this.allSettled(); this.stalled.length > 0; await this.allSettled()) {
      const stalled = this.stalled.toSorted((a, b) => a.submission.number - b.submission.number)
      this.stalled = []
      const lost = this.stopping.aborted || Date.now() >= this.givesUpAt
      const again = stalled.filter(({ submission, error }) => {
        if (!lost && !this.overtaken(submission)) return true
        submission.reject(error)
        return false
      })
      if (again.length === 0) continue
      this.log.warn('import stalled', {
        event: 'import.stalled',
        stalled: again.length,
        reason: again[0]?.error.message,
      })
      await pause(RETRY_MS)
      await this.attemptAgain(again)
    }
    this.recovery = undefined
  }

  /** Retries the first line alone: if it fails, the others would only overtake one another. */
  private async attemptAgain([first, ...others]: Stalled[]): Promise<void> {
    if (first) await this.attempt(first.submission)
    if (this.stalled.length > 0) this.stalled.push(...others)
    else for (const { submission } of others) void this.attempt(submission)
  }

  private overtaken({ application, number }: Submission): boolean {
    return (this.decided.get(application) ?? 0) > number
  }

  private remember(application: string, number: number): void {
    this.decided.set(application, Math.max(number, this.decided.get(application) ?? 0))
    if (this.decided.size <= REMEMBERED) return
    const first = Math.min(...this.underWay, ...this.stalled.map(({ submission }) => submission.number))
    for (const [name, latest] of this.decided) if (latest < first) this.decided.delete(name)
  }

  private async allSettled(): Promise<void> {
    while (this.underWay.size > 0) await new Promise<void>(resolve => (this.wake = resolve))
  }
}

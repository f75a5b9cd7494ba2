import { setTimeout as pause } from 'node:timers/promises'
import type { Deployment } from '#libs/domain'
import { type Ledger, LedgerUnavailable, type Outcome } from '#libs/ledger'
import type { Logger } from '#libs/operations'
import type { ReadLine } from './import-line.js'

/** How long an import waits for a ledger that is away. */
const PATIENCE_MS = 15_000
const RETRY_MS = 250
/** From so many applications on, those are forgotten that no line under way can come before. */
const REMEMBERED = 4096

interface Submission extends ReadLine {
  number: number
  resolve(outcome: Outcome<Deployment>): void
  reject(error: unknown): void
}

interface Stalled {
  submission: Submission
  error: LedgerUnavailable
}

/**
 * Submits the lines of one import, and submits those again that the ledger could not decide, without breaking the order
 * of an application's lines: nothing new is submitted before all that stalled was submitted again in order, and a line
 * that a later one of its application has overtaken stays refused.
 */
export class PatientLedger {
  private readonly underWay = new Set<number>()
  private stalled: Stalled[] = []
  /** Number of the latest line of each application that was decided. */
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

  /** Rejects with LedgerUnavailable where the ledger stays away for too long. */
  submit(number: number, line: ReadLine): Promise<Outcome<Deployment>> {
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

  /** Ends when nothing is stalled any more: submitted again with success, or given up. */
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
      this.log.warn('an import waits for the ledger', { stalled: again.length, reason: again[0]?.error.message })
      await pause(RETRY_MS)
      await this.attemptAgain(again)
    }
    this.recovery = undefined
  }

  /** The first one alone: it finds out whether the others would only overtake one another. */
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

import type { LogBatch, LogReader } from '#libs/event-log'

/** What a reader brought of one partition. */
export interface Brought {
  batch: LogBatch
  reader: LogReader
}

/** Records that are worth a transaction of their own. */
const MANY = 100
/** Transactions at a time, of batches that go alone. */
const AT_ONCE = 4

/**
 * Decides which batches share a transaction. A transaction costs about as much as fifty events in it: big batches go alone, a few at
 * a time, small ones go with all that have come while the last of such transactions was under way.
 */
export class Turns {
  private gathered: { brought: Brought; done(projected: boolean): void }[] = []
  private gathering = false
  private alone = 0
  private waiting: (() => void)[] = []

  /** @param work `together` returns those that it has projected, the others go alone; neither rejects */
  constructor(
    private readonly work: { together(all: Brought[]): Promise<Brought[]>; alone(one: Brought): Promise<void> },
  ) {}

  /** Resolves when a batch was handled. */
  async take(brought: Brought): Promise<void> {
    if (brought.batch.records.length < MANY && (await this.withOthers(brought))) return
    while (this.alone >= AT_ONCE) await new Promise<void>(resolve => this.waiting.push(resolve))
    this.alone += 1
    try {
      await this.work.alone(brought)
    } finally {
      this.alone -= 1
      this.waiting.shift()?.()
    }
  }

  private withOthers(brought: Brought): Promise<boolean> {
    return new Promise(resolve => {
      this.gathered.push({ brought, done: resolve })
      void this.gather()
    })
  }

  private async gather(): Promise<void> {
    if (this.gathering) return
    this.gathering = true
    while (this.gathered.length > 0) {
      // Batches of one fetch come in the same turn of the event loop.
      await new Promise(resolve => setImmediate(resolve))
      const taken = this.gathered
      this.gathered = []
      const projected = await this.work.together(taken.map(({ brought }) => brought))
      for (const { brought, done } of taken) done(projected.includes(brought))
    }
    this.gathering = false
  }
}

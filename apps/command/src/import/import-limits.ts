import { HttpProblem } from '#libs/http'

/** Limit of concurrent imports. Each may hold some MiB and keep a window of lines in the queue ahead of other commands. */
const MOST = 64
/** Limit of concurrent imports of one tenant. */
const MOST_OF_TENANT = 16

/** Limit of lines in progress, of all imports: enough for the ledger to decide one batch while it appends another. */
const LINES = 2000

/** Limits the concurrent imports, and divides the lines in progress among them. */
export class ImportLimits {
  private total = 0
  private readonly byTenant = new Map<string, number>()

  /** Starts an import; returns a function that ends it. Throws a 429 at the limit of the tenant, a 503 at the limit of all. */
  take(tenant: string): () => void {
    const own = this.byTenant.get(tenant) ?? 0
    if (own >= MOST_OF_TENANT) throw tooMany(429, `The tenant ${tenant} has ${own} imports in progress, the limit`)
    if (this.total >= MOST) throw tooMany(503, `The server has ${this.total} imports in progress, the limit`)
    this.total += 1
    this.byTenant.set(tenant, own + 1)
    return () => this.giveBack(tenant)
  }

  /** Limit of lines in progress of each import. It shrinks with their number, so that other commands do not wait longer. */
  get lines(): number {
    return Math.ceil(LINES / Math.max(1, this.total))
  }

  private giveBack(tenant: string): void {
    const left = (this.byTenant.get(tenant) ?? 1) - 1
    this.total -= 1
    if (left > 0) this.byTenant.set(tenant, left)
    else this.byTenant.delete(tenant)
  }
}

function tooMany(status: 429 | 503, limit: string): HttpProblem {
  return new HttpProblem(status, `${limit}: retry when one of them has ended.`, {
    headers: { 'Retry-After': '5' },
  })
}

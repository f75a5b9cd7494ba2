import { HttpProblem } from '#libs/http'

/** Imports at a time. Each may hold some MiB, and have a window of lines in front of the commands of everybody. */
const MOST = 64
/** Imports of one tenant at a time. */
const MOST_OF_TENANT = 16

/** Lines under way at most, of all imports: enough to decide a group of the ledger's while another one is appended. */
const LINES = 2000

/** Bounds how many imports there are at a time, and shares out the lines that they may have under way. */
export class ImportSlots {
  private total = 0
  private readonly byTenant = new Map<string, number>()

  /** Takes a slot; returns what gives it back. Throws a 429 where the tenant has too many, a 503 where all together do. */
  take(tenant: string): () => void {
    const own = this.byTenant.get(tenant) ?? 0
    if (own >= MOST_OF_TENANT) throw tooMany(429, `The tenant ${tenant} has ${own} imports under way already`)
    if (this.total >= MOST) throw tooMany(503, `There are ${this.total} imports under way already`)
    this.total += 1
    this.byTenant.set(tenant, own + 1)
    return () => this.giveBack(tenant)
  }

  /** Lines that each import may have under way: with their number, what others wait for would grow. */
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

function tooMany(status: 429 | 503, there: string): HttpProblem {
  return new HttpProblem(status, `${there}: send this one when one of them has ended.`, {
    headers: { 'Retry-After': '5' },
  })
}

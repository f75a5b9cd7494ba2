import { Injectable } from '@nestjs/common'
import { HttpProblem } from '#libs/http'
import { type CheckTurn, KeyChecks, QueueBusy } from '#libs/key-schemas'

const RETRY_AFTER_SECONDS = 2

/** Runs checks of schemas, globs and patterns of tenants for requests, see KeyChecks. */
@Injectable()
export class TenantChecks {
  constructor(private readonly checks: KeyChecks) {}

  /** Aborts when checks of a request that starts now must end. */
  deadline(): AbortSignal {
    return this.checks.deadline()
  }

  /** Runs checks on the tenant's turn. Throws a 429 if the wait is too long, CheckCutOff if a check takes too long. */
  async turn<T>(tenant: string, deadline: AbortSignal, work: (turn: CheckTurn) => Promise<T>): Promise<T> {
    try {
      return await this.checks.turn(tenant, work, deadline)
    } catch (error) {
      if (!(error instanceof QueueBusy)) throw error
      throw new HttpProblem(
        429,
        'Too many schemas and key patterns are being checked. Retry later, with fewer concurrent requests.',
        { headers: { 'Retry-After': String(RETRY_AFTER_SECONDS) }, cause: error },
      )
    }
  }
}

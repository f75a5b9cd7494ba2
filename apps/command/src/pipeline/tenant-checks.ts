import { Injectable } from '@nestjs/common'
import { HttpProblem } from '#libs/http'
import { type CheckTurn, KeyChecks, QueueBusy } from '#libs/key-schemas'

const RETRY_AFTER_SECONDS = 2

/** Checks of what tenants wrote themselves, as requests ask for them. */
@Injectable()
export class TenantChecks {
  constructor(private readonly checks: KeyChecks) {}

  /** When checks that a request asks for now must be over. */
  deadline(): AbortSignal {
    return this.checks.deadline()
  }

  /** Does checks when it is the tenant's turn. Throws a 429 where that takes too long; CheckCutOff where a check does. */
  async turn<T>(tenant: string, deadline: AbortSignal, work: (turn: CheckTurn) => Promise<T>): Promise<T> {
    try {
      return await this.checks.turn(tenant, work, deadline)
    } catch (error) {
      if (!(error instanceof QueueBusy)) throw error
      throw new HttpProblem(
        429,
        'Too many schemas and key patterns are being checked at this moment: send the request again later, and fewer at once.',
        { headers: { 'Retry-After': String(RETRY_AFTER_SECONDS) }, cause: error },
      )
    }
  }
}

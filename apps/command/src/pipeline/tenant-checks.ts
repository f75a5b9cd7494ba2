import { Injectable } from '@nestjs/common'
import { type CheckTurn, KeyChecks } from '#libs/key-schemas'
import { asTooManyRequests } from '../commands/queue-busy.js'

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
      throw asTooManyRequests(error, 'schemas and key patterns are being checked')
    }
  }
}

import type { World } from '../world/world.js'
import type { ClientLedger } from './client-ledger.js'
import type { Known } from './deployments.js'

/** What a client's actions need of it. */
export interface Caller {
  world: World
  ledger: ClientLedger
  random: () => number
  /** A name that no command has had. */
  token(): string
  /** A deployment of its tenant that somebody was acknowledged. */
  known(): Known | undefined
  /** A command app that listens; waits for one. */
  commandUrl(): Promise<string>
}

import { setTimeout as pause } from 'node:timers/promises'
import type { Replica } from './replica.js'
import type { World } from './world.js'

/** A name of the connection that holds the appender's lock. */
const LOCK_SESSION = 'shiplog appender'

/** The command replica that appends; `undefined` while none says so. */
export async function leaderOf(world: World): Promise<Replica | undefined> {
  for (const replica of world.commands) if (await leads(replica)) return replica
  return undefined
}

/** Whether a replica says that it appends; not, where it says nothing within half a second. */
export async function leads({ url }: Replica): Promise<boolean> {
  if (url === undefined) return false
  try {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(500) })
    const { parts } = (await answer.json()) as { parts?: { ledger?: { appender?: string } } }
    return parts?.ledger?.appender === 'leading'
  } catch {
    return false
  }
}

/** Waits until the replica leads. Rejects after so many ms. */
export async function untilLeading(replica: Replica, within: number): Promise<void> {
  const deadline = performance.now() + within
  while (!(await leads(replica))) {
    if (performance.now() > deadline) throw new Error(`${replica.name} did not take over within ${within} ms`)
    await pause(50)
  }
}

/**
 * Makes the other replica append: the leader is frozen, then the server ends the session with its lock. The leader wakes only when
 * somebody continues it.
 */
export async function depose(world: World, leader: Replica): Promise<void> {
  leader.process.signal('SIGSTOP')
  await world.admin(client =>
    client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', [LOCK_SESSION]),
  )
}

import { setTimeout as pause } from 'node:timers/promises'
import { between, pick } from '../world/pick.js'
import type { World } from '../world/world.js'
import type { Sent } from './client-ledger.js'

/** A command app that listens; waits for one. */
export async function listeningCommand({ commands }: World, random: () => number): Promise<string> {
  for (;;) {
    const urls = commands.flatMap(({ url }) => url ?? [])
    if (urls.length > 0) return pick(urls, random)
    await pause(50)
  }
}

/** Sends a command, mostly again until it is answered. */
export async function untilAnswered(
  sent: Sent,
  random: () => number,
  signal: AbortSignal,
  send: () => Promise<void>,
): Promise<void> {
  // Whoever stops asking leaves it open whether it was done.
  const tries = random() < 0.75 ? Infinity : 1
  await send()
  for (let tried = 1; tried < tries && sent.end === 'unknown' && !signal.aborted; tried++) {
    await pause(between(50, 400, random))
    await send()
  }
}

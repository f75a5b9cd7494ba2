import { setTimeout } from 'node:timers/promises'

/** Waits; ends early, without an error, when the signal aborts. */
export async function pauseFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  await setTimeout(milliseconds, undefined, { signal }).catch(() => undefined)
}

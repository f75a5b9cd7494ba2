import { setTimeout as pause } from 'node:timers/promises'
import { random } from '../../kit/random.js'
import type { FaultKind, Lane } from '../kinds/fault-kind.js'
import { lanesOf, scheduleOf } from './schedule.js'
import type { World } from '../world/world.js'

/** A fault that was injected, or was to be. Times are ms of the clients' clock. */
export interface Injection {
  kind: FaultKind
  at: number
  endedAt: number
  /** What happened, for the protocol. */
  words: string
  /** Whether it could be injected. */
  done: boolean
}

export interface Injecting {
  seed: number
  signal: AbortSignal
  onInjected(injection: Injection): void
  /** How many commands were acknowledged so far. */
  acked(): number
  /** Injects each kind once, and then ends. What could not be injected is tried again, three times in all. */
  once?: boolean | undefined
}

/** A fault is to strike a service that works: a lane waits for so many acknowledgements after its last fault, */
const ACKED_BETWEEN = 5
/** but no longer than this. The read side has nothing to do with acknowledgements. */
const PATIENCE_MS = 1500
const MOST_TRIES = 3
const WRITING: ReadonlySet<Lane> = new Set(['command', 'kafka', 'postgres', 'everything'])

/** Injects faults into a world, lane by lane as the schedule has them, until the signal aborts, or each has been injected `once`. */
export async function injectFaults(
  world: World,
  kinds: readonly FaultKind[],
  { seed, signal, onInjected, acked, once = false }: Injecting,
): Promise<void> {
  const lock = new SharedLock()
  const lane = async (name: Lane) => {
    const triesLeft = new Map(kinds.filter(kind => kind.lane === name).map(kind => [kind.name, MOST_TRIES]))
    for (const { kind, seed: own, pauseMs } of scheduleOf(seed, name, kinds)) {
      if (once && triesLeft.size === 0) return
      if (once && !triesLeft.has(kind.name)) continue
      const before = acked()
      await pause(pauseMs, undefined, { signal }).catch(() => undefined)
      const givesUpAt = performance.now() + PATIENCE_MS
      while (WRITING.has(name) && !signal.aborted && acked() < before + ACKED_BETWEEN) {
        if (performance.now() > givesUpAt) break
        await pause(20)
      }
      if (signal.aborted) return
      const inject = async () => {
        const injection = await injectOne(world, kind, own)
        const left = triesLeft.get(kind.name)! - 1
        if (injection.done || left === 0) triesLeft.delete(kind.name)
        else triesLeft.set(kind.name, left)
        onInjected(injection)
      }
      await (name === 'everything' ? lock.exclusive(inject) : lock.shared(inject))
    }
  }
  await Promise.all(lanesOf(kinds).map(lane))
}

async function injectOne(world: World, kind: FaultKind, seed: number): Promise<Injection> {
  const at = performance.now()
  const [done, words] = await kind.inject(world, random(seed)).then(
    told => [true, told] as const,
    (error: Error) => [false, error.message] as const,
  )
  return { kind, at, endedAt: performance.now(), words, done }
}

/** A lock for several holders, or for one alone. */
class SharedLock {
  private running = 0
  private exclusively: Promise<void> | undefined
  private whenIdle: () => void = () => undefined

  async shared(work: () => Promise<void>): Promise<void> {
    while (this.exclusively) await this.exclusively
    this.running++
    await work().finally(() => {
      this.running--
      if (this.running === 0) this.whenIdle()
    })
  }

  /** Waits for the current holders. For one caller at a time. */
  async exclusive(work: () => Promise<void>): Promise<void> {
    const idle = this.running === 0 ? Promise.resolve() : new Promise<void>(resolve => (this.whenIdle = resolve))
    this.exclusively = idle.then(work).finally(() => (this.exclusively = undefined))
    await this.exclusively
  }
}

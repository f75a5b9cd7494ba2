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
}

/** A fault is to strike a service that works: a lane waits for so many acknowledgements after its last fault, */
const ACKED_BETWEEN = 5
/** but no longer than this. The read side has nothing to do with acknowledgements. */
const PATIENCE_MS = 1500
const WRITING: ReadonlySet<Lane> = new Set(['command', 'kafka', 'postgres', 'everything'])

/** Injects faults into a world, lane by lane as the schedule has them, until the signal aborts. */
export async function injectFaults(
  world: World,
  kinds: readonly FaultKind[],
  { seed, signal, onInjected, acked }: Injecting,
): Promise<void> {
  const turns = new Turns()
  const lane = async (name: Lane) => {
    for (const { kind, seed: own, pauseMs } of scheduleOf(seed, name, kinds)) {
      const before = acked()
      await pause(pauseMs, undefined, { signal }).catch(() => undefined)
      const givesUpAt = performance.now() + PATIENCE_MS
      while (WRITING.has(name) && !signal.aborted && acked() < before + ACKED_BETWEEN) {
        if (performance.now() > givesUpAt) break
        await pause(20)
      }
      if (signal.aborted) return
      const inject = async () => onInjected(await injectOne(world, kind, own))
      await (name === 'everything' ? turns.alone(inject) : turns.beside(inject))
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

/** Lets faults happen beside each other, or one alone. */
class Turns {
  private running = 0
  private alones: Promise<void> | undefined
  private whenIdle: () => void = () => undefined

  async beside(work: () => Promise<void>): Promise<void> {
    while (this.alones) await this.alones
    this.running++
    await work().finally(() => {
      this.running--
      if (this.running === 0) this.whenIdle()
    })
  }

  /** For one caller. */
  async alone(work: () => Promise<void>): Promise<void> {
    const idle = this.running === 0 ? Promise.resolve() : new Promise<void>(resolve => (this.whenIdle = resolve))
    this.alones = idle.then(work).finally(() => (this.alones = undefined))
    await this.alones
  }
}

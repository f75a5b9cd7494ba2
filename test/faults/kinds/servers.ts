import { execFileSync } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import type { FaultKind, Lane } from './fault-kind.js'
import { between } from '../world/pick.js'
import type { World } from '../world/world.js'

function kill(name: string, lane: 'kafka' | 'postgres', weight: number): FaultKind {
  return {
    name,
    lane,
    weight,
    async inject(world, random) {
      const ms = between(0, 1000, random)
      await world[lane].kill()
      await pause(ms)
      await world[lane].start()
      return `down for ${ms} ms and its start`
    },
  }
}

// No time-out of the server fires meanwhile, and no connection breaks.
function freeze(name: string, lane: Lane, weight: number, pidsOf: (world: World) => number[]): FaultKind {
  return {
    name,
    lane,
    weight,
    async inject(world, random) {
      const ms = between(200, 4000, random)
      const pids = pidsOf(world)
      try {
        for (const pid of pids) signal(pid, 'SIGSTOP')
        await pause(ms)
      } finally {
        for (const pid of pids.toReversed()) signal(pid, 'SIGCONT')
      }
      return `${pids.length} processes for ${ms} ms`
    },
  }
}

/** Faults of the processes of Kafka and Postgres. */
export const serverKinds: FaultKind[] = [
  kill('kill-broker', 'kafka', 1),
  freeze('freeze-broker', 'kafka', 3, ({ kafka }) => [kafka.server.pid]),
  kill('kill-postgres', 'postgres', 2),
  freeze('freeze-postgres', 'postgres', 3, ({ postgres }) => [postgres.server.pid, ...childrenOf(postgres.server.pid)]),
]

function childrenOf(parent: number): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')
  return lines
    .map(line => line.trim().split(/\s+/).map(Number) as [number, number])
    .flatMap(([pid, ppid]) => (ppid === parent ? [pid] : []))
}

/** One that has ended meanwhile needs no signal. */
function signal(pid: number, name: 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

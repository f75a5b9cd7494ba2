import { setTimeout as pause } from 'node:timers/promises'
import type { FaultKind, Lane } from './fault-kind.js'
import { depose, leaderOf, untilLeading } from '../world/leader.js'
import { between, pick } from '../world/pick.js'
import type { Replica } from '../world/replica.js'
import type { World } from '../world/world.js'

type Choose = (world: World) => readonly Replica[]

const commands: Choose = world => world.commands
const projectors: Choose = world => world.projectors
const query: Choose = world => [world.query]

function kill(app: string, lane: Lane, weight: number, choose: Choose): FaultKind {
  return {
    name: `kill-${app}`,
    lane,
    weight,
    async inject(world, random) {
      const replica = pick(choose(world), random)
      await replica.restart()
      return replica.name
    },
  }
}

function drain(app: string, lane: Lane, weight: number, choose: Choose): FaultKind {
  return {
    name: `drain-${app}`,
    lane,
    weight,
    async inject(world, random) {
      const replica = pick(choose(world), random)
      const since = performance.now()
      await replica.restart({}, 'SIGTERM')
      return `${replica.name} ended after ${Math.round(performance.now() - since)} ms`
    },
  }
}

function freeze(app: string, lane: Lane, weight: number, choose: Choose): FaultKind {
  return {
    name: `freeze-${app}`,
    lane,
    weight,
    async inject(world, random) {
      const { name, process } = pick(choose(world), random)
      const ms = between(200, 3000, random)
      process.signal('SIGSTOP')
      await pause(ms)
      process.signal('SIGCONT')
      return `${name} for ${ms} ms`
    },
  }
}

/** The leader is frozen until another one leads: it wakes with work in hand, and must not do any harm. */
function zombie(name: string, weight: number, takeAway: (world: World, leader: Replica) => Promise<void>): FaultKind {
  return {
    name,
    lane: 'command',
    weight,
    async inject(world, random) {
      const leader = await leaderOf(world)
      if (!leader) throw new Error('nobody leads')
      const { process } = leader
      const more = between(0, 500, random)
      try {
        await takeAway(world, leader)
        await untilLeading(world.other(leader), 20_000)
        await pause(more)
      } finally {
        process.signal('SIGCONT')
      }
      return `${leader.name} woke ${more} ms after the other led`
    },
  }
}

/** Faults of the apps' processes as a whole. */
export const processKinds: FaultKind[] = [
  kill('command', 'command', 4, commands),
  kill('projector', 'projector', 1, projectors),
  kill('query', 'query', 1, query),
  drain('command', 'command', 2, commands),
  drain('projector', 'projector', 1, projectors),
  freeze('command', 'command', 4, commands),
  freeze('projector', 'projector', 4, projectors),
  freeze('query', 'query', 2, query),
  zombie('zombie-appender', 4, depose),
  // The lock's connection is silent for too long: nobody but the server's idle time-out takes it away.
  zombie('zombie-appender-idle', 1, async (_, leader) => leader.process.signal('SIGSTOP')),
]

import { setTimeout as pause } from 'node:timers/promises'
import { type Failpoint, failpoints } from '#libs/failpoint'
import type { FaultKind } from './fault-kind.js'
import { depose, leads } from '../world/leader.js'
import { between, pick } from '../world/pick.js'
import type { Replica } from '../world/replica.js'
import type { World } from '../world/world.js'

/** After a kill -9 the group of the projectors waits for 10 s. */
const REACHED_WITHIN_MS = 30_000
const names = Object.keys(failpoints) as Failpoint[]

/** Passed by the replica that appends alone. */
const ofLeader = (name: Failpoint) => /^(append|confirm)-/.test(name)
const ofProjector = (name: Failpoint) => /^(project|take-over)-/.test(name)
/** Passed once a term, once a start, or now and then. */
const seldom = (name: Failpoint) => /leading|fence|gate|take-over|schedule/.test(name)

class EndedBefore extends Error {}

function kindOf(name: Failpoint): FaultKind {
  return {
    name: `failpoint-${name}`,
    lane: ofProjector(name) ? 'projector' : 'command',
    weight: 2,
    async inject(world, random) {
      // Where Postgres is away while it starts, it ends before it gets anywhere.
      for (let tries = 3; ; tries--) {
        try {
          return await dieThere(world, random)
        } catch (error) {
          if (tries === 1 || !(error instanceof EndedBefore)) throw error
        }
      }
    },
  }

  async function dieThere(world: World, random: () => number): Promise<string> {
    const passage = seldom(name) ? 1 : between(1, ofProjector(name) ? 2 : 8, random)
    const replica = pick(ofProjector(name) ? world.projectors : world.commands, random)
    const process = await replica.restart({ SHIPLOG_FAILPOINT: `${name}:${passage}` })
    let died = false
    const exit = process.exited.then(ended => {
      died = true
      return ended
    })
    if (ofLeader(name)) await makeLead(world, replica, () => died)
    const ended = await Promise.race([exit, pause(REACHED_WITHIN_MS, undefined, { ref: false })])
    if (!ended) {
      await replica.restart()
      throw new Error(`${replica.name} did not come to passage ${passage}`)
    }
    if (ended.signal !== 'SIGKILL')
      throw new EndedBefore(`${replica.name} ended with ${ended.code} before it got there`)
    return `${replica.name} at passage ${passage}`
  }
}

/** Has an armed replica take over as soon as it is there, and lets the other one wake afterwards. */
async function makeLead(world: World, armed: Replica, died: () => boolean): Promise<void> {
  const other = world.other(armed)
  while (!died() && armed.url === undefined) await pause(25)
  if (died() || (await leads(armed))) return
  const { process } = other
  try {
    await depose(world, other)
    const deadline = performance.now() + 5000
    while (!died() && !(await leads(armed)) && performance.now() < deadline) await pause(50)
  } finally {
    process.signal('SIGCONT')
  }
}

/** A kind for every failpoint: a replica is started with it, and dies there. */
export const failpointKinds: FaultKind[] = names.map(kindOf)

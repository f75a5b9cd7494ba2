import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { projectFolder, until } from '#dev'
import type { AppProcess } from '../../kit/apps/app-process.js'
import type { FaultKind, Lane } from './fault-kind.js'
import { between, pick } from '../world/pick.js'
import type { Replica } from '../world/replica.js'
import type { World } from '../world/world.js'

const MINUTE = 60_000
const jumps = [1, 10, 60, 24 * 60, 10 * 24 * 60].flatMap(minutes => [minutes * MINUTE, -minutes * MINUTE])
const preload = pathToFileURL(join(projectFolder, 'test', 'faults', 'kinds', 'shifted-clock.mjs')).href

/** The file that says by how much a process's clock is off, where it has one. */
const clocks = new WeakMap<AppProcess, string>()

function jump(name: string, lane: Lane, choose: (world: World) => readonly Replica[]): FaultKind {
  return {
    name,
    lane,
    weight: 2,
    async inject(world, random) {
      const replica = pick(choose(world), random)
      const clock = await clockOf(replica, world)
      const told: string[] = []
      try {
        for (let left = between(1, 3, random); left > 0; left--) {
          const [offset, ms] = [pick(jumps, random), between(200, 1500, random)]
          writeFileSync(clock, String(offset))
          told.push(`${offset / MINUTE} min for ${ms} ms`)
          await pause(ms)
        }
      } finally {
        writeFileSync(clock, '0')
      }
      return `${replica.name}: ${told.join(', ')}`
    },
  }
}

/** The clock of one process is set forward or back, and later set right again. */
export const clockKinds: FaultKind[] = [
  jump('clock-jump-command', 'command', world => world.commands),
  jump('clock-jump-projector', 'projector', world => world.projectors),
  jump('clock-jump-query', 'query', world => [world.query]),
]

/** Restarts it with a clock that can be set, unless it has one. */
async function clockOf(replica: Replica, { data }: World): Promise<string> {
  const known = clocks.get(replica.process)
  if (known !== undefined && replica.process.running()) return known
  const file = join(data, `${replica.name}.clock`)
  writeFileSync(file, '0')
  clocks.set(await replica.restart({ NODE_OPTIONS: `--import=${preload}`, FAULTS_CLOCK: file }), file)
  await until(() => replica.url, `${replica.name} to listen`, { within: 20_000 })
  return file
}

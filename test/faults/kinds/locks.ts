import { setTimeout as pause } from 'node:timers/promises'
import type { FaultKind, Lane } from './fault-kind.js'
import { between } from '../world/pick.js'

type Milliseconds = (random: () => number) => number

/** A transaction that belongs to nobody of ours locks rows and does nothing. */
function lock(name: string, lane: Lane, weight: number, rows: string[], duration: Milliseconds): FaultKind {
  return {
    name,
    lane,
    weight,
    inject: (world, random) =>
      world.admin(async client => {
        const ms = duration(random)
        await client.query('BEGIN')
        let locked = 0
        // It takes what is free, and waits for nobody: no deadlock is its doing.
        for (const select of rows) locked += (await client.query(`${select} FOR UPDATE SKIP LOCKED`)).rowCount ?? 0
        await pause(ms)
        const kept = await client.query('ROLLBACK').then(
          () => '',
          () => ', or until the server went',
        )
        return `${locked} rows for ${ms} ms${kept}`
      }),
  }
}

const LONG_MS = 30_000
const short: Milliseconds = random => between(200, 3000, random)
/** One in so many times it is as long as a person forgets a session. */
const nowAndThenLong: Milliseconds = random => (random() < 1 / 12 ? LONG_MS : short(random))
const busyStreams = ['SELECT FROM ledger.stream ORDER BY recorded_at DESC LIMIT 100']
const readModels = [
  'SELECT FROM read_v1.projection_position',
  'SELECT FROM read_v1.deployment_history ORDER BY recorded_at DESC LIMIT 100',
]

/** Rows that the apps need, and cannot have for a while. */
export const lockKinds: FaultKind[] = [
  lock('stream-locked', 'command', 3, busyStreams, nowAndThenLong),
  lock('read-model-locked', 'projector', 3, readModels, short),
]

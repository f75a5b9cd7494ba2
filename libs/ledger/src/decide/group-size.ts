import { statement, type Query } from '#libs/postgres'
import type { QueuedCommand } from './decided-before.js'
import { streamsOf } from './decision.js'

/** Size of the rows that a group loads, in bytes as Postgres stores them: compressed, JSON takes some times more memory, and at most 90 times. */
const LOADED_BYTES = 512 * 1024
/** A group of so few commands always fits: a state and an answer have at most some megabytes. */
const FEW = 16

// Smaller rows do not count: a thousand of them fit.
const LARGE_ROWS = `
  SELECT stream_id AS id, pg_column_size(state) AS bytes FROM ledger.stream
  WHERE stream_id = ANY ($stream_ids) AND pg_column_size(state) > 2048
  UNION ALL
  SELECT command_id::text, pg_column_size(answer) FROM ledger.command
  WHERE command_id = ANY ($command_ids) AND pg_column_size(answer) > 2048`

/** How many commands of a group, the first ones, can be loaded together without taking too much memory: at least one. */
export async function commandsThatFit(query: Query, group: readonly QueuedCommand[]): Promise<number> {
  if (group.length <= FEW) return group.length
  const values = { stream_ids: [...new Set(group.flatMap(loadedStreams))], command_ids: group.map(idOf) }
  const rows = await query<{ id: string; bytes: number }>(
    statement('large rows of a group', LARGE_ROWS, values, { plan: 'once' }),
  )
  const sizes = new Map(rows.map(({ id, bytes }) => [id, bytes]))
  let sum = 0
  const first = group.findIndex(command => {
    for (const id of [idOf(command), ...loadedStreams(command)]) {
      sum += sizes.get(id) ?? 0
      // A row counts once.
      sizes.delete(id)
    }
    return sum > LOADED_BYTES
  })
  return first < 0 ? group.length : Math.max(1, first)
}

const idOf = ({ commandId }: QueuedCommand) => commandId

function loadedStreams({ target }: QueuedCommand): string[] {
  return [...streamsOf(target), ...(target.reads ?? [])]
}

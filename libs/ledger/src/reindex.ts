import type { MigrationInterface, QueryRunner } from 'typeorm'
import type { IndexEntry } from '#libs/contracts'
import { deciderOf } from './decider-of.js'

/** Streams whose states are in memory at once. */
const AT_ONCE = 200

interface StoredStream {
  stream_id: string
  tenant: string
  state: unknown
  begun: string
}

/**
 * The deployments under the names and places that this version looks them up by: by tag apart from each other those that succeeded, and
 * environments by their keys, whatever their case. Replicas of an older version must have stopped: they would go on writing theirs.
 */
export class ReindexDeployments1764500000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // As rebuilding does: decisions wait.
    await runner.query('LOCK TABLE ledger.stream IN EXCLUSIVE MODE')
    for (let after = 'deployment-'; ;) {
      const streams: StoredStream[] = await runner.query(
        `SELECT stream_id, tenant, state, begun FROM ledger.stream
         WHERE stream_id > $1 AND stream_id < 'deployment.' ORDER BY stream_id LIMIT $2`,
        [after, AT_ONCE],
      )
      if (streams.length === 0) return
      await reindex(runner, streams)
      after = streams.at(-1)!.stream_id
    }
  }

  async down(): Promise<void> {
    // An older version builds its own: shiplog rebuild index.
  }
}

async function reindex(runner: QueryRunner, streams: StoredStream[]): Promise<void> {
  const entries = streams.flatMap(({ stream_id, tenant, state, begun }) =>
    deciderOf(stream_id)
      .indexEntries(state)
      .map((entry: IndexEntry) => ({ stream_id, tenant, begun, announced: false, ...entry })),
  )
  await runner.query('DELETE FROM ledger.stream_index WHERE stream_id = ANY ($1)', [
    streams.map(({ stream_id }) => stream_id),
  ])
  await runner.query(
    `INSERT INTO ledger.stream_index (stream_id, tenant, name, place, rank, begun, announced)
     SELECT * FROM json_to_recordset($1)
       AS r(stream_id text, tenant text, name text, place text, rank text, begun uuid, announced boolean)`,
    [JSON.stringify(entries)],
  )
}

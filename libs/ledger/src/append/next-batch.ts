import type { PlacedEvent } from '#libs/event-log'
import { statement, type Query } from '#libs/postgres'

/** Maximum number of events and bytes of data. */
export interface BatchLimits {
  events: number
  bytes: number
}

/** Replicas that write at the same time interleave the numbers of their events: at most this far apart are the events of one command. */
const APART = 200

/**
 * The next events of the outbox in the order of their decisions. Events of one command are adjacent and in one batch, regardless of what
 * another replica wrote between them; only a command that exceeds the limits on its own is divided.
 *
 * @param unconfirmed ids of appended events that are still in the outbox
 */
export function nextBatch(
  query: Query,
  unconfirmed: Iterable<string>,
  { events, bytes }: BatchLimits,
): Promise<PlacedEvent[]> {
  return query<PlacedEvent>(
    statement(
      'next batch',
      NEXT,
      { events, bytes, unconfirmed: [...unconfirmed], most: events + APART },
      { plan: 'once' },
    ),
  )
}

// `began` identifies a command; `events` and `total` are sums up to the end of its command, `so_far` those up to an event.
/** Number of events in the outbox. */
export async function outboxSize(query: Query): Promise<number> {
  const [row] = await query<{ events: number }>(
    statement('size of the outbox', 'SELECT count(*)::int AS events FROM ledger.outbox'),
  )
  return row!.events
}

const NEXT = `
  WITH pending AS (
    SELECT ordinal, command_id, partition, key, value, headers, bytes FROM ledger.outbox
    WHERE event_id <> ALL ($unconfirmed) ORDER BY ordinal LIMIT $most
  ), commands AS (
    SELECT *, min(ordinal) OVER (PARTITION BY command_id) AS began FROM pending
  ), summed AS (
    SELECT *, count(*) OVER (ORDER BY began) AS events, sum(bytes) OVER (ORDER BY began) AS total,
      row_number() OVER (ORDER BY began, ordinal) AS events_so_far, sum(bytes) OVER (ORDER BY began, ordinal) AS so_far
    FROM commands
  )
  SELECT partition, key, value, headers FROM summed
  WHERE (events <= $events AND total <= $bytes)
    OR (began = (SELECT min(ordinal) FROM pending) AND events_so_far <= $events AND (so_far <= $bytes OR so_far = bytes))
  ORDER BY began, ordinal`

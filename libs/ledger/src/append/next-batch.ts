import type { PlacedEvent } from '#libs/event-log'
import type { Query } from '../store/postgres.js'

/** At most so many events, and bytes of data. */
export interface BatchLimits {
  events: number
  bytes: number
}

/** Decisions of two replicas that are written at the same moment are numbered in turn: so far apart at most stand the events of one. */
const APART = 200

/**
 * The next pending events, in the order in which they were decided. Events of one command stand together, and are in one batch, whatever
 * another replica wrote between them; only a command that is beyond the limits by itself is cut.
 *
 * @param unconfirmed ids of events that were appended and are pending still
 */
export function nextBatch(
  query: Query,
  unconfirmed: Iterable<string>,
  { events, bytes }: BatchLimits,
): Promise<PlacedEvent[]> {
  return query<PlacedEvent>(NEXT, [events, bytes, [...unconfirmed], events + APART], 'next batch')
}

// `began` tells commands apart: of those with the same one, the sums are at the end of the command; `so_far` are those of an event.
const NEXT = `
  WITH pending AS (
    SELECT ordinal, command_id, partition, key, value, headers, bytes FROM ledger.pending_append
    WHERE event_id <> ALL ($3) ORDER BY ordinal LIMIT $4
  ), commands AS (
    SELECT *, min(ordinal) OVER (PARTITION BY command_id) AS began FROM pending
  ), summed AS (
    SELECT *, count(*) OVER (ORDER BY began) AS events, sum(bytes) OVER (ORDER BY began) AS total,
      row_number() OVER (ORDER BY began, ordinal) AS events_so_far, sum(bytes) OVER (ORDER BY began, ordinal) AS so_far
    FROM commands
  )
  SELECT partition, key, value, headers FROM summed
  WHERE (events <= $1 AND total <= $2)
    OR (began = (SELECT min(ordinal) FROM pending) AND events_so_far <= $1 AND (so_far <= $2 OR so_far = bytes))
  ORDER BY began, ordinal`

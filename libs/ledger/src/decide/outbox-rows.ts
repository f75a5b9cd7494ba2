import { v7 as uuidV7 } from 'uuid'
import {
  encodeEvent,
  refuse,
  timeOf,
  type CommandContext,
  type DecidedEvent,
  type Decider,
  type DomainEvent,
  type Rejection,
} from '#libs/contracts'
import { partitionFor } from '#libs/event-log'
import type { StateSnapshot } from '../store/command.js'
import type { OutboxWrite } from '../store/index-rows.js'

/** The topic accepts 8 MiB, which headers and other events of a batch share. */
export const MAX_EVENT_BYTES = 4 * 1024 * 1024

/** Encodes an event with its version in a stream. @param now when it is recorded */
export function encode(
  { commandId, request }: { commandId: string; request: { context: CommandContext; bodyHash: string } },
  recorded: { streamId: string; version: number; event: DomainEvent; key: string | undefined; now: string },
): OutboxWrite {
  const { streamId, version, event, key, now } = recorded
  const { tenant, actor, correlationId, traceparent } = request.context
  const decided: DecidedEvent = {
    event,
    metadata: {
      id: uuidV7(),
      tenant,
      streamId,
      streamVersion: version,
      time: timeOf(event, now),
      recordedTime: now,
      causationId: commandId,
      commandHash: request.bodyHash,
      correlationId,
      ...(traceparent !== undefined && { traceparent }),
      ...(actor !== undefined && { actor }),
    },
  }
  const wire = encodeEvent(decided, key)
  return {
    event_id: decided.metadata.id,
    command_id: commandId,
    stream_id: streamId,
    version,
    partition: partitionFor(wire.key),
    ...wire,
    bytes: Buffer.byteLength(wire.value),
  }
}

/**
 * The result of a command.
 *
 * @param decided `event`: the last event of the decision, if any, and when it was recorded; `command`: absent if the result is replayed from
 * the log
 */
export function answerOf(
  decider: Decider<unknown, unknown, unknown>,
  { state, streamVersion, recordedAt }: StateSnapshot<unknown>,
  decided: { event?: unknown; recordedTime: string; command?: unknown },
): StateSnapshot<unknown> {
  const { event, recordedTime, command } = decided
  return {
    state: decider.answer ? decider.answer(state, event, command, recordedTime) : state,
    streamVersion,
    recordedAt,
  }
}

/** The refusal of a change that exceeds the limit of a stream's state. */
export function tooMuchState({ category, bytes, most }: { category: string; bytes: number; most: number }): Rejection {
  const reason = `the ${category} would have ${bytes} bytes, ${bytes - most} more than allowed: delete something first`
  return refuse('unprocessable', reason)
}

/** The refusal of a change that exceeds the limit of an event. */
export function tooLarge(bytes: number): Rejection {
  return refuse(
    'unprocessable',
    `the event would have ${bytes} bytes, ${bytes - MAX_EVENT_BYTES} more than the ${MAX_EVENT_BYTES} allowed: divide the change into several requests`,
    { dependsOnState: true },
  )
}

import { eventTypes, named } from '#libs/contracts'
import type { FromSchema } from 'json-schema-to-ts'
import { arrayOf, enumOf, instant, positionOf, response, string, uuid } from './schema/parts.js'

/** An event of the audit trail of a deployment, incident or promotion. */
const recordedEventSchema = named(
  'RecordedEvent',
  response(
    {
      type: enumOf(
        Object.values(eventTypes).map(({ ceType }) => ceType),
        'Type of the CloudEvent, with the version of its data.',
      ),
      position: positionOf('Log position of the event.'),
      eventId: uuid('Id of the CloudEvent.'),
      actor: string('Actor of the command.'),
      time: instant('Time at which it happened.'),
      recordedAt: instant('Time at which Shiplog recorded the event.'),
      data: {
        type: 'object',
        description:
          'Data of the event, as in the log but for secrets, which are masked. Its members depend on `type`.',
        additionalProperties: true,
      },
    },
    ['type', 'position', 'eventId', 'time', 'recordedAt', 'data'],
  ),
)
export type RecordedEvent = FromSchema<typeof recordedEventSchema>
export const recordedEventsSchema = arrayOf(recordedEventSchema, 'The events, in the order of the log.')

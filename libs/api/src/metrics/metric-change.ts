import { eventTypes, named } from '#libs/contracts'
import { arrayOf, described, instant, positionOf, response, string, uuid } from '../schema/parts.js'
import { metricValueSchema } from './metrics.js'

const change = named(
  'MetricChangeEvent',
  response(
    {
      position: positionOf('Log position of the event.'),
      eventId: uuid('Id of the CloudEvent.'),
      type: string('Type of the CloudEvent.'),
      deploymentId: uuid(
        'Id of the deployment that the event is about, or to which its incident belongs now; absent if that belongs to none.',
      ),
      incidentId: string('Id of the incident that the event is about, if it is about one.'),
      application: string('Name of the application.'),
      time: instant('Time at which it happened.'),
      recordedAt: instant('Time at which Shiplog recorded the event.'),
      from: described(metricValueSchema, 'Value before the event.'),
      to: described(metricValueSchema, 'Value after the event.'),
    },
    ['position', 'eventId', 'type', 'application', 'time', 'recordedAt', 'from', 'to'],
  ),
)
const period = named(
  'MetricChange',
  response(
    {
      start: instant('Start of the period, inclusive.'),
      end: instant('End of the period, exclusive.'),
      from: described(metricValueSchema, 'Value as known at `since`, or at the end of the period if that is later.'),
      to: described(metricValueSchema, 'Value as known now.'),
      events: arrayOf(change, 'The events that changed the value, in the order of their recording.'),
    },
    ['start', 'end', 'from', 'to', 'events'],
  ),
)
export const metricChangesSchema = arrayOf(period, 'A page of changed periods, earliest first.')

const before = { rate: 0, failed: 0, rolledBackReported: 0, rolledBackInferred: 0, incidents: 0 }
const after = { rate: 0.05, failed: 1, rolledBackReported: 0, rolledBackInferred: 0, incidents: 0 }

export const metricChangesExample = [
  {
    start: '2026-01-01T00:00:00Z',
    end: '2026-02-01T00:00:00Z',
    from: before,
    to: after,
    events: [
      {
        position: '3:52',
        eventId: '0198c0de-0000-7000-8000-000000000052',
        type: eventTypes.DeploymentRecorded.ceType,
        deploymentId: '0198c0de-0000-7000-8000-000000000003',
        application: 'platform',
        time: '2026-01-17T09:00:00Z',
        recordedAt: '2026-02-12T09:01:00.420Z',
        from: before,
        to: after,
      },
    ],
  },
]

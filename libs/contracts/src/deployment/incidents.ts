import { named } from '../schema/named.js'
import { instant, name } from '../schema/schema-parts.js'

/** The incidents that a record has: the newest 20. */
export const incidentsOfDeployment = {
  type: 'array',
  description:
    'The incidents of the deployment, newest first, at most 20; the list of incidents has all. Only in responses to GET.',
  items: named('IncidentOfDeployment', {
    type: 'object',
    properties: {
      id: name(128, { description: 'Id of the incident.' }),
      startedAt: instant('Start of the incident.'),
      resolvedAt: instant('Time at which the incident was resolved. Absent while it is open.'),
      title: name(512, { description: 'What happened.' }),
      url: name(2048, { description: 'Where the incident is described.' }),
    },
    required: ['id', 'startedAt'],
  }),
} as const

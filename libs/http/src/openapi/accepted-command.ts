import { named } from '#libs/contracts'

const subject = (type: object, description: string) => ({
  ...type,
  description: `${description}, if the command has one.`,
})
const uuid = { type: 'string', format: 'uuid' }
const string = { type: 'string' }

/** Schema of the 202 of a write while Kafka is unavailable. */
export const acceptedCommandSchema = named('AcceptedCommand', {
  type: 'object',
  required: ['id', 'status', 'url'],
  properties: {
    id: { ...uuid, description: 'Id of the command.' },
    status: { ...string, enum: ['accepted'], description: 'The command is stored, and not yet in the log.' },
    url: { ...string, description: 'Path of the status of the command.' },
    deploymentId: subject(uuid, 'Id of the deployment'),
    incidentId: subject(string, 'Id of the incident'),
    promotionId: subject(uuid, 'Id of the promotion'),
    environment: subject(string, 'Environment of the configuration'),
    key: subject(string, 'Key of the configuration or flag'),
  },
})

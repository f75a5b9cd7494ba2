import { incidentsOfDeployment } from './incidents.js'
import { instant, name, object, text, uuid } from '../schema/schema-parts.js'

/** Outcome of a deployment. Whether it is active depends on other deployments too. */
export const deploymentStatuses = ['PENDING', 'DEPLOYED', 'FAILED', 'ROLLED_BACK', 'CANCELLED'] as const

/** A member of a deployment. */
export interface Field {
  /** JSON Schema (2020-12) of its values, the same in requests, events and responses. */
  schema: object
  /** Description in responses, if that in requests is about the request. */
  answered?: string
  /** The component of requests and responses that its value, or each of its items, is: its name, and what its members are. */
  component?: { name: string; members: Record<string, string> }
  /** A `request` must have it, or each `record` has it, from a default if the request has none. */
  required?: 'request' | 'record'
  /** A correction may change it, and remove it by `null` unless it is required: its place among the corrections of an event. */
  correctable?: number
  /**
   * No request to record a deployment has it: it is `recorded` when the command is decided, `changed` by a later event alone, or `computed`
   * for a response.
   */
  derived?: 'recorded' | 'changed' | 'computed'
}

/**
 * The members of a deployment in the order of the API. Schemas of events, requests and responses, the list of what can be corrected and the
 * order of responses follow from this list; columns and SQL from `columns.ts` in libs/read-models.
 */
export const deploymentFields = {
  id: { schema: uuid('Id of the deployment.'), required: 'record', derived: 'recorded' },
  application: {
    schema: name(128, { description: 'Name of the application. Default: `platform`.', examples: ['checkout'] }),
    answered: 'Name of the application.',
    required: 'record',
  },
  environment: {
    schema: name(64, {
      description: 'Name of the environment, or an alias of the pipeline. Case and surrounding spaces are ignored.',
      examples: ['dev'],
    }),
    answered: 'Name of the environment as it was sent; it may be an alias of the pipeline.',
    required: 'request',
  },
  imageTag: {
    // Real pipelines report empty tags, see docs/adr/0009.
    schema: name(256, { minLength: 0, description: 'Image tag that was deployed.', examples: ['v2.1.0-abc1234'] }),
    required: 'request',
    correctable: 9,
  },
  image: {
    schema: name(512, {
      description: 'Repository of the image, with its registry.',
      examples: ['registry.example.com/acme/checkout'],
    }),
    correctable: 10,
  },
  gitCommit: {
    schema: name(256, { description: 'Git commit that was deployed.', examples: ['abc1234'] }),
    correctable: 4,
  },
  gitBranch: { schema: name(512, { description: 'Git branch of the commit.', examples: ['main'] }), correctable: 5 },
  status: {
    schema: {
      enum: deploymentStatuses,
      type: 'string',
      description: 'Outcome of the deployment; `PENDING` until it is completed, `CANCELLED` if it never ran.',
    },
    required: 'record',
    correctable: 6,
  },
  active: {
    schema: {
      type: 'boolean',
      description:
        'Whether the deployment is active in its application and environment. Only in responses to GET: a write does not know it.',
    },
    derived: 'computed',
  },
  deployedAt: {
    schema: instant('Start of the deployment: from 1970 to 24 h in the future. Default: now.'),
    answered: 'Start of the deployment.',
    required: 'record',
    correctable: 1,
  },
  completedAt: { schema: instant('Finish of the deployment.', '2026-02-12T10:05:00Z'), correctable: 2 },
  durationSeconds: {
    schema: { type: 'number', description: 'Seconds from `deployedAt` to `completedAt`.' },
    derived: 'computed',
  },
  rolledBackAt: { schema: instant('Time of the rollback.', '2026-02-12T11:00:00Z'), correctable: 3 },
  rollbackReason: { schema: text(4096, { description: 'Reason of the rollback.' }) },
  rollbackOf: {
    schema: uuid('Id of the deployment that this one rolls back. It must have the same application and environment.'),
    answered: 'Id of the deployment that this one rolls back; `rollbackDetected` says how that is known.',
    correctable: 12,
  },
  rollbackDetected: {
    schema: {
      type: 'string',
      enum: ['reported', 'inferred'],
      description:
        'Present if the deployment is a rollback: `reported` by `rollbackOf`, or `inferred` because it returned to an older tag.',
    },
    derived: 'computed',
  },
  rollbackIgnored: {
    schema: {
      type: 'string',
      description: 'Why the deployment in `rollbackOf` does not count as rolled back by this one.',
    },
    derived: 'computed',
  },
  removedAt: {
    schema: instant(
      'Time of the removal: nothing is active there from then on, until the next success.',
      '2026-03-01T09:00:00Z',
    ),
    derived: 'changed',
  },
  failureReason: {
    schema: text(4096, {
      description: 'Reason of the failure or cancellation. Only allowed with the status `FAILED` or `CANCELLED`.',
    }),
    answered: 'Reason of the failure or cancellation.',
  },
  incidents: { schema: incidentsOfDeployment, derived: 'computed' },
  voidedAt: {
    schema: instant('Time at which the record was voided, as a mistake.', '2026-02-12T12:00:00.125Z'),
    derived: 'computed',
  },
  actor: {
    schema: name(256, {
      description: 'Person or system that deployed. Default: the actor of the request.',
      examples: ['dev@acme.example'],
    }),
    answered: 'Person or system that deployed.',
  },
  pipeline: {
    schema: object({ name: name(256), runId: name(256), url: name(2048) }),
    component: {
      name: 'PipelineRun',
      members: {
        name: 'Name of the pipeline of the build system.',
        runId: 'Id of the run that deployed.',
        url: 'URL of the run.',
      },
    },
  },
  commits: {
    schema: {
      type: 'array',
      maxItems: 1000,
      items: object(
        {
          sha: name(256),
          committedAt: instant('Time of the commit: from 1970 to 24 h in the future.'),
          author: name(256),
        },
        ['sha', 'committedAt'],
      ),
    },
    answered: 'The commits that the deployment brought.',
    correctable: 11,
    component: {
      name: 'Commit',
      members: { sha: 'Hash of the commit.', committedAt: 'Time of the commit.', author: 'Author of the commit.' },
    },
  },
  notes: { schema: text(16_384, { description: 'Deployment notes, such as manual steps.' }), correctable: 8 },
  migrations: {
    schema: {
      type: 'array',
      maxItems: 1000,
      items: object(
        {
          id: name(256),
          description: text(4096),
          reversible: { type: 'boolean' },
          backwardCompatible: { type: 'boolean' },
        },
        ['id'],
      ),
    },
    answered: 'The migrations of data that the deployment ran.',
    component: {
      name: 'Migration',
      members: {
        id: 'Id of the migration.',
        description: 'What the migration does.',
        reversible: 'Whether the migration can be undone.',
        backwardCompatible: 'Whether the version before the deployment works after the migration.',
      },
    },
  },
  unplanned: {
    schema: { type: 'boolean', description: 'Whether a production incident caused the deployment.' },
    correctable: 7,
  },
  labels: {
    schema: {
      type: 'object',
      maxProperties: 64,
      propertyNames: name(128),
      additionalProperties: { type: 'string', maxLength: 1024 },
      examples: [{ team: 'payments' }],
    },
    answered: 'Labels by name.',
  },
  duringFreeze: {
    schema: name(128),
    answered: 'Name of the freeze that was active at its start, by the freezes at the time of recording.',
    derived: 'recorded',
  },
  overtakenBy: {
    schema: {
      type: 'string',
      format: 'uuid',
      description: 'Id of a successful deployment that started later and finished earlier.',
    },
    derived: 'computed',
  },
  contestedBy: {
    schema: {
      type: 'string',
      format: 'uuid',
      description:
        'Only if active: id of a successful deployment that started earlier and finished later, and may have overwritten this one.',
    },
    derived: 'computed',
  },
  recordedAt: {
    schema: instant('Time at which Shiplog first recorded the deployment.', '2026-02-12T10:05:01.217Z'),
    required: 'record',
    derived: 'computed',
  },
  position: {
    schema: { type: 'string', description: 'Log position of the last event of the deployment. Opaque.' },
    required: 'record',
    derived: 'computed',
  },
  version: {
    schema: { type: 'integer', description: 'Number of events of the deployment.' },
    required: 'record',
    derived: 'computed',
  },
} as const satisfies Record<string, Field>

import type { DomainEvent } from '#libs/contracts'
import { deployment, promotion } from '#libs/domain'
import { applyConfigurations } from '../configuration/projection.js'
import type { Projection } from '../log/projected-event.js'
import { applyPromotions } from '../promotion/projection.js'
import { refreshStandings } from '../promotion/standing.js'
import { applyDeploymentsAndPipelines, tenantsWithOtherPipelines } from './deployments.js'
import { entry } from './entry.js'

/** All read models in the order in which they are projected: each after those whose tables it reads. */
export const catalog = [
  entry({
    models: {
      history: [
        'deployment_history',
        'deployment_superseded',
        'deployment_voided',
        'deployment_event',
        'deployment_commit',
        'deployment_changed_commit',
        'deployment_label',
      ],
      current: ['deployment_current'],
      drift: ['deployment_interval'],
      metrics: ['deployment_metric', 'deployment_counter', 'deployment_histogram', 'deployment_value'],
      incidents: ['incident', 'incident_event'],
      rules: ['tenant_pipeline', 'key_schema'],
    },
    handles: [
      'DeploymentRecorded',
      'DeploymentCompleted',
      'DeploymentCorrected',
      'DeploymentRolledBack',
      'DeploymentRemoved',
      'DeploymentVoided',
      'IncidentOpened',
      'IncidentResolved',
      'PipelineChanged',
    ],
    stores: [deployment],
    apply: applyDeploymentsAndPipelines,
  }),
  entry({
    models: { configuration: ['configuration_history', 'configuration_current', 'configuration_secret'] },
    handles: ['ConfigurationChanged'],
    apply: applyConfigurations,
  }),
  entry({
    models: { promotions: ['promotion', 'promotion_event'] },
    handles: [
      'PromotionCreated',
      'PromotionValidated',
      'PromotionApproved',
      'PromotionRejected',
      'PromotionScheduled',
      'PromotionExecuted',
      'PromotionFailed',

      'PromotionRolledBack',
      'PromotionCancelled',
    ],
    stores: [promotion],
    apply: applyPromotions,
  }),
  entry({
    models: {},
    handles: ['PipelineChanged'],
    apply: (query, events) => refreshStandings(query, tenantsWithOtherPipelines(events)),
  }),
] as const

/** Events that no read model is made from. */
const ignored = [] as const satisfies readonly DomainEvent['type'][]

type Known = (typeof catalog)[number]['handles'][number] | (typeof ignored)[number]
/** `true` where each of these types of events is handled or ignored; `never` where one is neither. */
export type EachIsKnown<Type extends string> = [Exclude<Type, Known>] extends [never] ? true : never
const allAreKnown: EachIsKnown<DomainEvent['type']> = true

const known = new Set<string>([...catalog.flatMap(({ handles }) => handles), ...ignored])

/**
 * Everything that is projected, as one projection, so that no two read models reflect different positions. Its positions keep the name of the
 * first of them.
 */
export const deployments: Projection = {
  name: 'deployments',
  async apply(query, events) {
    const unknown = allAreKnown && events.find(({ event }) => !known.has(event.type))
    if (unknown) throw new Error(`no read model handles ${unknown.event.type}, and none ignores it`)
    for (const { applyHandled } of catalog) await applyHandled(query, events)
  },
}

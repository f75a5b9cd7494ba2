import { Column, Entity, Index, PrimaryColumn } from 'typeorm'
import { DeploymentFacts, instant } from './facts-table.js'

@Entity({
  name: 'deployment_history',
  comment: 'One row per deployment: its facts by its own events, and those that follow from its neighbours.',
})
@Index('deployment_history_by_slot', ['tenant', 'application', 'environmentName', 'deployedAt', 'logOrder'])
@Index('deployment_history_by_application', ['tenant', 'application', 'deployedAt', 'logOrder'])
@Index('deployment_history_by_environment', ['tenant', 'environmentName', 'deployedAt', 'logOrder'])
@Index('deployment_history_by_start', ['tenant', 'deployedAt', 'logOrder'])
@Index('deployment_history_by_tag', ['tenant', 'imageTag', 'application', 'environmentName', 'deployedAt', 'logOrder'])
@Index('deployment_history_by_commit', ['tenant', 'gitCommit', 'deployedAt', 'logOrder'], {
  where: 'git_commit IS NOT NULL',
})
@Index('deployment_history_by_branch', ['tenant', 'gitBranch', 'deployedAt', 'logOrder'], {
  where: 'git_branch IS NOT NULL',
})
@Index('deployment_history_by_actor', ['tenant', 'actor', 'deployedAt', 'logOrder'], { where: 'actor IS NOT NULL' })
@Index('deployment_history_not_deployed', ['tenant', 'status', 'deployedAt', 'logOrder'], {
  where: `status <> 'DEPLOYED'`,
})
@Index('deployment_history_by_finish', ['tenant', 'application', 'environmentName', 'finishedAt'], {
  where: 'finished_at > deployed_at',
})
@Index('deployment_history_by_success', ['tenant', 'application', 'environmentName', 'finishedAt', 'logOrder'], {
  where: 'succeeded',
})
@Index(
  'deployment_history_by_tag_success',
  ['tenant', 'imageTag', 'application', 'environmentName', 'finishedAt', 'logOrder'],
  { where: 'succeeded' },
)
@Index(
  'deployment_history_by_outcome',
  ['tenant', 'application', 'environmentName', 'status', 'deployedAt', 'logOrder'],
  { where: 'succeeded' },
)
@Index(
  'deployment_history_by_tag_outcome',
  ['tenant', 'imageTag', 'application', 'environmentName', 'succeeded', 'deployedAt', 'logOrder'],
  { where: 'succeeded' },
)
@Index('deployment_history_by_mark', ['tenant', 'application', 'environmentName', 'rolledBackAt'], {
  where: 'succeeded AND rolled_back_at > finished_at',
})
@Index(
  'deployment_history_by_rollback',
  ['tenant', 'rollbackOf', 'application', 'environmentName', 'deployedAt', 'logOrder'],
  { where: 'succeeded AND rollback_of IS NOT NULL' },
)
@Index('deployment_history_by_inferred_rollback', ['tenant', 'inferredRollbackOf'], {
  where: 'inferred_rollback_of IS NOT NULL',
})
export class DeploymentHistory extends DeploymentFacts {
  @Column({
    name: 'inferred_rollback_of',
    type: 'uuid',
    nullable: true,
    comment: 'The deployment that this one undoes by inference; NULL if one is reported.',
  })
  inferredRollbackOf: string | null

  @Column({ type: 'integer', comment: 'Number of its events so far.' })
  version: number
}

@Entity({
  name: 'deployment_superseded',
  comment: 'Versions of deployments that a later event has replaced, with the time in which they were known.',
})
@Index('deployment_superseded_by_slot', [
  'tenant',
  'application',
  'environmentName',
  'deployedAt',
  'logOrder',
  'knownUntil',
])
@Index('deployment_superseded_by_application', ['tenant', 'application', 'deployedAt', 'logOrder', 'knownUntil'])
@Index('deployment_superseded_by_environment', ['tenant', 'environmentName', 'deployedAt', 'logOrder', 'knownUntil'])
@Index('deployment_superseded_by_start', ['tenant', 'deployedAt', 'logOrder', 'knownUntil'])
@Index('deployment_superseded_by_tag', [
  'tenant',
  'imageTag',
  'application',
  'environmentName',
  'deployedAt',
  'logOrder',
  'knownUntil',
])
@Index('deployment_superseded_by_commit', ['tenant', 'gitCommit', 'deployedAt', 'logOrder', 'knownUntil'], {
  where: 'git_commit IS NOT NULL',
})
export class DeploymentSuperseded extends DeploymentFacts {
  @PrimaryColumn({ type: 'integer', comment: 'Number of its events so far.' })
  version: number

  @Column({ name: 'known_until', ...instant, comment: 'When the next version became known.' })
  knownUntil: Date
}

@Entity({
  name: 'deployment_voided',
  comment: 'Deployments whose record was voided as a mistake, as they were then: they are not in deployment_history.',
})
@Index('deployment_voided_by_slot', ['tenant', 'application', 'environmentName', 'deployedAt', 'logOrder'])
@Index('deployment_voided_by_application', ['tenant', 'application', 'deployedAt', 'logOrder'])
@Index('deployment_voided_by_environment', ['tenant', 'environmentName', 'deployedAt', 'logOrder'])
@Index('deployment_voided_by_start', ['tenant', 'deployedAt', 'logOrder'])
export class DeploymentVoided extends DeploymentFacts {
  @Column({ type: 'integer', comment: 'Number of its events so far.' })
  version: number

  @Column({ name: 'voided_at', ...instant, comment: 'When the event that voided it was recorded.' })
  voidedAt: Date
}

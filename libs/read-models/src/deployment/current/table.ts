import { Column, Entity, PrimaryColumn } from 'typeorm'

@Entity({
  name: 'deployment_current',
  comment: 'The active deployment of each application and environment; no row without one.',
})
export class DeploymentCurrent {
  @PrimaryColumn({ type: 'text', collation: 'C', comment: 'The tenant.' })
  tenant: string

  @PrimaryColumn({ type: 'text', collation: 'C', comment: 'The application.' })
  application: string

  @PrimaryColumn({
    name: 'environment_name',
    type: 'text',
    collation: 'C',
    comment: "The environment, by the pipeline's name.",
  })
  environmentName: string

  @Column({ name: 'deployment_id', type: 'uuid', comment: 'The active deployment.' })
  deploymentId: string
}

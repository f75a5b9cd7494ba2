import {
  type ContextStreams,
  type CorrectDeployment,
  type DeploymentRecord,
  type RecordDeployment,
  resolveEnvironment,
  streamIdOf,
} from '#libs/contracts'
import type { FieldError } from './deployment-facts.js'
import { pipeline, pipelineStream, type PipelineSettings } from '../pipeline/pipeline.js'

export const CATEGORY = 'deployment'

/** The context streams of recording a deployment: the deployment that it rolls back, and the pipeline, which resolves environment names. */
export function readsOfRecording({ tenant, facts: { rollbackOf } }: RecordDeployment): string[] {
  return readsOfRollback(tenant, rollbackOf)
}

/** The same of correcting one. */
export function readsOfCorrecting({ tenant, changes: { rollbackOf } }: CorrectDeployment): string[] {
  return readsOfRollback(tenant, rollbackOf ?? undefined)
}

function readsOfRollback(tenant: string, rollbackOf: string | undefined): string[] {
  return rollbackOf === undefined ? [] : [deploymentStream(tenant, rollbackOf), pipelineStream(tenant)]
}

export function deploymentStream(tenant: string, id: string): string {
  return streamIdOf(CATEGORY, tenant, id)
}

/** Checks `rollbackOf`. An unknown id is accepted, as that deployment may be recorded later. */
export function strayRollback(
  {
    id,
    application,
    environment,
    rollbackOf,
  }: Pick<DeploymentRecord, 'id' | 'application' | 'environment' | 'rollbackOf'>,
  tenant: string,
  contextStreams: ContextStreams,
): FieldError[] {
  if (rollbackOf === undefined) return []
  const pointer = '/rollbackOf'
  if (rollbackOf === id)
    return [{ pointer, detail: 'is the id of this deployment: a deployment cannot roll back itself' }]
  const referenced = contextStreams.get(deploymentStream(tenant, rollbackOf)) as
    { state: string; record: DeploymentRecord } | undefined
  if (referenced?.state !== 'recorded') return []
  const settings = (contextStreams.get(pipelineStream(tenant)) as PipelineSettings | undefined) ?? pipeline.initial
  const nameOf = (name: string) => resolveEnvironment(settings.pipeline, name)
  const { record } = referenced
  if (record.application === application && nameOf(record.environment) === nameOf(environment)) return []
  const detail =
    `is a deployment of application ${record.application} in environment ${record.environment}: it must be one of ` +
    `${application} in ${environment}`
  return [{ pointer, detail, dependsOnState: true }]
}

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
  return readsOfNaming(tenant, rollbackOf)
}

/** The same of correcting one. */
export function readsOfCorrecting({ tenant, changes: { rollbackOf } }: CorrectDeployment): string[] {
  return readsOfNaming(tenant, rollbackOf ?? undefined)
}

/** The context streams of a command that names a deployment. @param id `undefined`: it names none */
export function readsOfNaming(tenant: string, id: string | undefined): string[] {
  return id === undefined ? [] : [deploymentStream(tenant, id), pipelineStream(tenant)]
}

function deploymentStream(tenant: string, id: string): string {
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
  return strayName({ id: rollbackOf, pointer, application, environment }, tenant, contextStreams)
}

/** A deployment that a command names, if it is known. */
export function namedDeployment(
  tenant: string,
  id: string,
  contextStreams: ContextStreams,
): DeploymentRecord | undefined {
  const named = contextStreams.get(deploymentStream(tenant, id)) as
    { state: string; record: DeploymentRecord } | undefined
  return named?.state === 'recorded' ? named.record : undefined
}

/** Checks that a named deployment, if it is known, is one of the application and the environment that are stated. */
export function strayName(
  stated: { id: string; pointer: string; application?: string | undefined; environment?: string | undefined },
  tenant: string,
  contextStreams: ContextStreams,
): FieldError[] {
  const named = namedDeployment(tenant, stated.id, contextStreams)
  if (!named) return []
  const settings = (contextStreams.get(pipelineStream(tenant)) as PipelineSettings | undefined) ?? pipeline.initial
  const nameOf = (name: string) => resolveEnvironment(settings.pipeline, name)
  const { pointer, application = named.application, environment = named.environment } = stated
  if (named.application === application && nameOf(named.environment) === nameOf(environment)) return []
  const detail =
    `is a deployment of application ${named.application} in environment ${named.environment}: it must be one of ` +
    `${application} in ${environment}`
  return [{ pointer, detail, dependsOnState: true }]
}

/** An environment as a tenant's pipeline knows it; the order of the pipeline is the order of promotion. */
export interface PipelineEnvironment {
  name: string
  aliases?: string[]
  /** How many people must approve a promotion into it. */
  approvals?: number
}

export interface Pipeline {
  environments: PipelineEnvironment[]
  allowSkipping?: boolean
  authorMayApprove?: boolean
}

/** What a tenant has until it puts a pipeline of its own. */
export const defaultPipeline: Pipeline = {
  environments: [
    { name: 'dev', aliases: ['development'], approvals: 0 },
    { name: 'staging', aliases: ['stage'], approvals: 1 },
    { name: 'production', aliases: ['prod'], approvals: 2 },
  ],
}

/** The pipeline's name of an environment: aliases resolve, names outside the pipeline stay as they are. */
export function resolveEnvironment(pipeline: Pipeline, environment: string): string {
  const known = pipeline.environments.find(
    ({ name, aliases }) => name === environment || aliases?.includes(environment),
  )
  return known?.name ?? environment
}

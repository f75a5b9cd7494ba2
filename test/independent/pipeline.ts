/** The environments of a tenant in their order; `aliases` are other names of them. */
export interface Pipeline {
  environments: string[]
  aliases: Record<string, string>
}

export const defaultPipeline: Pipeline = {
  environments: ['dev', 'staging', 'production'],
  aliases: { development: 'dev', stage: 'staging', prod: 'production' },
}

/** The pipeline's name of an environment; its own where the pipeline does not know it. */
export function environmentName(environment: string, { aliases }: Pipeline = defaultPipeline): string {
  return aliases[environment] ?? environment
}

/** Orders names of environments: by the pipeline, those outside it last, by name. */
export function byEnvironment({ environments }: Pipeline): (a: string, b: string) => number {
  const rank = (name: string) => (environments.includes(name) ? environments.indexOf(name) : environments.length)
  return (a, b) => rank(a) - rank(b) || byText(a, b)
}

/** By code point, as the collation "C" has it. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

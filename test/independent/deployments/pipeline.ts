/** The environments of a tenant in their order; `aliases` are other names of them. */
export interface Pipeline {
  environments: string[]
  aliases: Record<string, string>
}

export const defaultPipeline: Pipeline = {
  environments: ['dev', 'staging', 'production'],
  aliases: { development: 'dev', stage: 'staging', prod: 'production' },
}

/**
 * The pipeline's name of an environment, whatever the case and the spaces around it; its own, without these, where the pipeline does not
 * know it.
 */
export function environmentName(environment: string, { environments, aliases }: Pipeline = defaultPipeline): string {
  const plain = (name: string) => name.replaceAll(/^\s+|\s+$/gu, '').toLowerCase()
  const words = [...environments.map((name): [string, string] => [name, name]), ...Object.entries(aliases)]
  return words.find(([word]) => plain(word) === plain(environment))?.[1] ?? plain(environment)
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

import {
  environmentKey,
  refuse,
  resolveEnvironment,
  type Pipeline,
  type PipelineEnvironment,
  type Rejection,
} from '#libs/contracts'

/**
 * A pipeline, and which environments have their configuration under another name, by the names that it has for them; by their keys those that
 * it does not have.
 */
interface Named {
  pipeline: Pipeline
  configurationNames?: Record<string, string>
}

/**
 * The name of the stream that has the configuration of an environment: what the pipeline calls it, or called it when that was begun. It
 * stays when the pipeline calls the environment something else, and so do the ids of its keys.
 *
 * @param environment any name of it
 */
export function configurationName({ pipeline, configurationNames = {} }: Named, environment: string): string {
  const name = resolveEnvironment(pipeline, environment)
  return Object.hasOwn(configurationNames, name) ? configurationNames[name]! : name
}

/** Every stream whose configuration a change of the pipeline may be about. */
export function affectedConfigurations(rules: Named, next: Pipeline): string[] {
  const words = next.environments.flatMap(({ name, aliases = [] }) => [name, ...aliases])
  const present = rules.pipeline.environments.map(({ name }) => configurationName(rules, name))
  const named = Object.values(rules.configurationNames ?? {})
  return [...new Set([...words.map(environmentKey), ...words, ...present, ...named])]
}

/**
 * Which environments have their configuration under another name once the next pipeline holds, by their names. Refuses a pipeline that calls one
 * that holds configuration something else, without its present name as an alias, or that makes one environment of two that hold some.
 *
 * @param holding streams that hold configuration, of those that are affected
 */
export function nameConfigurations(
  rules: Named,
  next: Pipeline,
  holding: readonly string[],
): { names: Record<string, string> } | Rejection {
  const errors: string[] = []
  const claims = new Map<string, string[]>()
  const before = continued(rules, next)
  const comesNew = next.environments.some(environment => !before.some(({ to }) => to === environment))
  const owners = new Map(before.map(owner => [owner.stream, owner]))
  for (const stream of holding) {
    const owner = owners.get(stream)
    const called = environmentOf(next, stream)
    const to = owner ? owner.to : called
    if (owner && !to) {
      // Taken out of the pipeline, and nothing else came: it is not called something else, and is found under its name as before.
      if (owner.name === stream && !comesNew) continue
      errors.push(
        `${owner.name} holds configuration: keep its name, as an alias of what it is called now, or take it out in a change of its own`,
      )
    } else if (to && called?.name !== to.name) {
      errors.push(
        `the configuration of ${owner!.name} was begun as ${stream}: keep ${stream} as an alias of ${to.name}`,
      )
    } else if (to) {
      claims.set(to.name, [...(claims.get(to.name) ?? []), stream])
    }
  }
  for (const [name, streams] of claims) {
    if (streams.length > 1) errors.push(`${streams.join(' and ')} each hold configuration, and cannot both be ${name}`)
  }
  if (errors.length > 0) {
    const found = errors.map(detail => ({ pointer: '/environments', detail }))
    return refuse('conflict', errors.join('; '), { errors: found })
  }
  const names = next.environments.flatMap(environment => {
    const stream = claims.get(environment.name)?.[0] ?? inherited(before, next, environment)
    return stream === undefined || stream === environment.name ? [] : [[environment.name, stream] as const]
  })
  const outside = holding.flatMap(stream => {
    const key = environmentKey(stream)
    return environmentOf(next, stream) || stream === key ? [] : [[key, stream] as const]
  })
  return { names: Object.fromEntries([...outside, ...names]) }
}

/** An environment as the pipeline has it until now, and what becomes of it. */
interface Continued {
  name: string
  stream: string
  /** Left out: the next pipeline does not have its name. */
  to?: PipelineEnvironment
}

function continued(rules: Named, next: Pipeline): Continued[] {
  return rules.pipeline.environments.map(({ name }) => {
    const to = environmentOf(next, name)
    return { name, stream: configurationName(rules, name), ...(to && { to }) }
  })
}

/** The stream that an environment goes on with, though it holds nothing: a key may be set while the pipeline changes. */
function inherited(before: readonly Continued[], next: Pipeline, environment: PipelineEnvironment): string | undefined {
  const ours = before.filter(({ to }) => to === environment)
  const same = ours.filter(({ name }) => name === environment.name)
  const streams = (same.length > 0 ? same : ours).map(({ stream }) => stream)
  return streams.find(stream => environmentOf(next, stream) === environment)
}

/** The environment of a pipeline that has this name or alias. */
export function environmentOf(pipeline: Pipeline, name: string): PipelineEnvironment | undefined {
  const resolved = resolveEnvironment(pipeline, name)
  return pipeline.environments.find(environment => environment.name === resolved)
}

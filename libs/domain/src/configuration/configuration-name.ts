import {
  environmentKey,
  refuse,
  resolveEnvironment,
  type Pipeline,
  type PipelineEnvironment,
  type Rejection,
} from '#libs/contracts'

/**
 * A pipeline, and the configuration streams of environments whose stream has another name: by the name of the environment in the pipeline,
 * or by its key outside the pipeline.
 */
interface NamedStreams {
  pipeline: Pipeline
  configurationNames?: Record<string, string>
}

/**
 * The name of the configuration stream of an environment: its name in the pipeline when the stream started. It does not change when the
 * environment is renamed, so that the ids of its keys do not change either.
 *
 * @param environment its name or an alias
 */
export function configurationName({ pipeline, configurationNames = {} }: NamedStreams, environment: string): string {
  const name = resolveEnvironment(pipeline, environment)
  return Object.hasOwn(configurationNames, name) ? configurationNames[name]! : name
}

/** Names of the configuration streams that a change of the pipeline may affect. */
export function affectedConfigurations(settings: NamedStreams, next: Pipeline): string[] {
  const names = next.environments.flatMap(({ name, aliases = [] }) => [name, ...aliases])
  const present = settings.pipeline.environments.map(({ name }) => configurationName(settings, name))
  const named = Object.values(settings.configurationNames ?? {})
  return [...new Set([...names.map(environmentKey), ...names, ...present, ...named])]
}

/**
 * The configuration streams of the next pipeline's environments whose stream has another name. Rejects a pipeline that renames an
 * environment with configuration without keeping its name as an alias, or that merges two environments with configuration.
 *
 * @param holding the affected streams that are not empty
 */
export function nameConfigurations(
  settings: NamedStreams,
  next: Pipeline,
  holding: readonly string[],
): { names: Record<string, string> } | Rejection {
  const errors: string[] = []
  const claims = new Map<string, string[]>()
  const before = continued(settings, next)
  const comesNew = next.environments.some(environment => !before.some(({ to }) => to === environment))
  const owners = new Map(before.map(owner => [owner.stream, owner]))
  for (const stream of holding) {
    const owner = owners.get(stream)
    const called = environmentOf(next, stream)
    const to = owner ? owner.to : called
    if (owner && !to) {
      // Removed from the pipeline, and no environment was added: this is no renaming, and its name still finds the stream.
      if (owner.name === stream && !comesNew) continue
      errors.push(
        `the environment ${owner.name} has configuration: keep its name as an alias of the new name, or remove it in a separate change`,
      )
    } else if (to && called?.name !== to.name) {
      errors.push(
        `the configuration of ${owner!.name} is stored under the name ${stream}: keep ${stream} as an alias of ${to.name}`,
      )
    } else if (to) {
      claims.set(to.name, [...(claims.get(to.name) ?? []), stream])
    }
  }
  for (const [name, streams] of claims) {
    if (streams.length > 1)
      errors.push(
        `${streams.join(' and ')} both have configuration and cannot be merged into ${name}: remove one of the names`,
      )
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

/** An environment of the present pipeline, and the environment of the next one that has its name. */
interface Continued {
  name: string
  stream: string
  /** Absent: the next pipeline does not have its name. */
  to?: PipelineEnvironment
}

function continued(settings: NamedStreams, next: Pipeline): Continued[] {
  return settings.pipeline.environments.map(({ name }) => {
    const to = environmentOf(next, name)
    return { name, stream: configurationName(settings, name), ...(to && { to }) }
  })
}

/** The stream that an environment keeps although it is empty: a key may be set while the pipeline changes. */
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

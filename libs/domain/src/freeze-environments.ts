import { equalJson, refuse, type Freeze, type Json, type Pipeline, type Rejection } from '#libs/contracts'
import { environmentOf } from './configuration-name.js'

/**
 * Refuses freezes of environments that the pipeline does not have: mostly a name is misspelt, and nothing would be frozen. A freeze that is
 * there already stays.
 */
export function refuseAimless(freezes: readonly Freeze[], present: readonly Freeze[], pipeline: Pipeline) {
  const names = pipeline.environments.map(({ name }) => name).join(', ')
  const errors = freezes.flatMap((freeze, index) => {
    if (present.some(known => equalJson(known as unknown as Json, freeze as unknown as Json))) return []
    return (freeze.environments ?? []).flatMap((environment, place) =>
      environmentOf(pipeline, environment)
        ? []
        : [
            {
              pointer: `/${index}/environments/${place}`,
              detail: `freeze ${freeze.name}: the pipeline has no environment ${environment}, it has ${names}`,
            },
          ],
    )
  })
  if (errors.length === 0) return undefined
  const reason = `${errors.map(({ detail }) => detail).join('; ')}. For an environment outside the pipeline send force=true`
  return refuse('unprocessable', reason, { errors, dependsOnState: true })
}

/** Refuses a pipeline that takes the environment of a freeze away: the freeze would protect nothing. */
export function refuseEndOfFreezes(
  freezes: readonly Freeze[],
  before: Pipeline,
  next: Pipeline,
): Rejection | undefined {
  const errors = freezes.flatMap(({ name, environments = [] }) =>
    environments
      .filter(environment => environmentOf(before, environment) && !environmentOf(next, environment))
      .map(environment => ({
        pointer: '/environments',
        detail: `freeze ${name} is for ${environment}: keep that name as an alias, or change the freeze first`,
      })),
  )
  if (errors.length === 0) return undefined
  return refuse('conflict', errors.map(({ detail }) => detail).join('; '), { errors })
}

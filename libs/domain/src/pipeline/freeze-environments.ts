import { equalJson, refuse, type Freeze, type Json, type Pipeline, type Rejection } from '#libs/contracts'
import { environmentOf } from '../configuration/configuration-name.js'

/**
 * Rejects freezes of environments that are not in the pipeline: usually a name is misspelt, and nothing would be frozen. Existing freezes
 * are accepted.
 */
export function refuseAimless(freezes: readonly Freeze[], present: readonly Freeze[], pipeline: Pipeline) {
  const names = pipeline.environments.map(({ name }) => name).join(', ')
  const errors = freezes.flatMap((freeze, index) => {
    if (present.some(known => equalJson(known as unknown as Json, freeze as unknown as Json))) return []
    return (freeze.environments ?? []).flatMap((environment, environmentIndex) =>
      environmentOf(pipeline, environment)
        ? []
        : [
            {
              pointer: `/${index}/environments/${environmentIndex}`,
              detail: `the freeze ${freeze.name} has the environment ${environment}, which is not in the pipeline (${names})`,
            },
          ],
    )
  })
  if (errors.length === 0) return undefined
  const reason = `${errors.map(({ detail }) => detail).join('; ')}. Correct the name, or send force=true`
  return refuse('unprocessable', reason, { errors, dependsOnState: true })
}

/** Rejects a pipeline that removes the environment of a freeze, which would then have no effect. */
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
        detail: `the freeze ${name} has the environment ${environment}: keep that name as an alias, or change the freeze first`,
      })),
  )
  if (errors.length === 0) return undefined
  return refuse('conflict', errors.map(({ detail }) => detail).join('; '), { errors })
}

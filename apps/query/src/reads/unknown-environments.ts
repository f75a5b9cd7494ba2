import { HttpProblem, type ReadRequest } from '#libs/http'
import { knownEnvironments, type EnvironmentSource } from '#libs/read-models'
import { setPositionHeader } from './responses.js'
import type { ReadGateway } from './read-gateway.js'

/** Environments by parameter. */
type EnvironmentsByParameter = Record<string, string>

/** A 404 for unknown environments, with the known ones. */
export async function unknownEnvironments(
  gateway: ReadGateway,
  read: ReadRequest,
  { environments, unknown }: { environments: EnvironmentsByParameter; unknown: string[] },
  sources: readonly EnvironmentSource[],
): Promise<HttpProblem> {
  const { body: known, positions } = await gateway.read(read, query =>
    knownEnvironments(query, read.principal.tenant, sources),
  )
  setPositionHeader(read.reply, positions)
  const names = [...new Set(unknown)]
  const subject = names.length > 1 ? `Environments ${names.join(' and ')} are` : `Environment ${names[0]} is`
  const what = sources.includes('deployments') ? 'deployments and configuration' : 'configuration'
  return new HttpProblem(
    404,
    `${subject} unknown: not in the pipeline, and without ${what}. Known environments: ${known.join(', ')}.`,
    {
      errors: Object.entries(environments)
        .filter(([, name]) => unknown.includes(name))
        .map(([parameter, name]) => ({ parameter, detail: `names the unknown environment ${name}` })),
      members: { environments: known },
    },
  )
}

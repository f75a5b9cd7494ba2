import type { FastifyReply } from 'fastify'
import type { Positions } from '#libs/contracts'
import { HttpProblem } from '#libs/http'
import { knownEnvironments, type EnvironmentSource } from '#libs/read-models'
import { tellPositions } from './answers.js'
import type { ReadSide } from './read-side.js'

/** Environments by the parameters that named them. */
type Named = Record<string, string>

/** A 404 for environments that there are not: it names those that there are. */
export async function unknownEnvironments(
  readSide: ReadSide,
  reply: FastifyReply,
  {
    tenant,
    minimum,
    named,
    unknown,
  }: { tenant: string; minimum: Positions | undefined; named: Named; unknown: string[] },
  sources: readonly EnvironmentSource[],
): Promise<HttpProblem> {
  const { body: known, positions } = await readSide.ask(minimum, query => knownEnvironments(query, tenant, sources))
  tellPositions(reply, positions)
  const what = sources.includes('deployments')
    ? 'nothing was ever deployed to it or configured in it'
    : 'it never held any configuration'
  const detail = `there is no environment ${[...new Set(unknown)].join(' and ')}: the pipeline does not have it, and ${what}; there are ${known.join(', ')}`
  return new HttpProblem(404, `${detail.charAt(0).toUpperCase()}${detail.slice(1)}.`, {
    errors: Object.entries(named)
      .filter(([, name]) => unknown.includes(name))
      .map(([parameter, name]) => ({ parameter, detail: `names ${name}, which there is not` })),
    members: { environments: known },
  })
}

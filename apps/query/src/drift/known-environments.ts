import type { ReadRequest } from '#libs/http'
import type { DriftResponse, QueryResult } from '#libs/read-models'
import type { ReadGateway } from '../reads/read-gateway.js'
import { setPositionHeader } from '../reads/responses.js'
import { unknownEnvironments } from '../reads/unknown-environments.js'

/** Problems of comparisons. */
export const problems = {
  404: 'An environment is unknown: not in the pipeline, and without deployments and configuration. `environments` lists the known ones.',
}

/** The drift of known environments; throws a 404 that names the unknown ones and lists the known ones. */
export async function ofKnown<Drift>(
  gateway: ReadGateway,
  read: ReadRequest,
  { body, positions }: QueryResult<DriftResponse<Drift>>,
  environments: Record<string, string>,
): Promise<{ drift: Drift; next?: string }> {
  setPositionHeader(read.reply, positions)
  if (body.unknown === undefined) return body
  const { unknown } = body
  throw await unknownEnvironments(gateway, read, { environments, unknown }, ['deployments', 'configurations'])
}

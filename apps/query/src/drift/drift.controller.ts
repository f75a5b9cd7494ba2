import { Controller, Get, Req, Res } from '@nestjs/common'
import { ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Positions, CommandContext } from '#libs/contracts'
import { MinPosition, parameterProblem, Problems, ReadCaller, StrictQuery } from '#libs/http'
import {
  driftHistory,
  driftMatrix,
  environmentDrift,
  InvalidDays,
  type QueryResult,
  type DriftResponse,
  type DriftHistory,
} from '#libs/read-models'
import { sendPage, setPositionHeader } from '../reads/responses.js'
import { ReadResponse } from '../reads/read-openapi.js'
import { ReadGateway } from '../reads/read-gateway.js'
import { timezoneOf } from '../reads/timezone.js'
import { unknownEnvironments } from '../reads/unknown-environments.js'
import { examples, problems, schemas } from './drift-openapi.js'
import { bothOf, DriftHistoryQuery, DriftQuery } from './drift-params.js'

@ApiTags('drift')
@Controller('api/v1/platform/deployments/drift')
export class DriftController {
  constructor(private readonly gateway: ReadGateway) {}

  @Get()
  @ApiOperation({
    summary: 'Compare environments',
    description:
      'With `source` and `target`: the active deployments of both for each application, since when they differ, which deployment began the ' +
      'difference and which side is ahead; and totals of differing configurations and flags. Without both: each environment of the pipeline ' +
      'compared with every earlier one, and the environments that lag behind. Without `asOf`, deployments that start in the future count, ' +
      'too. An unknown environment is a 404.',
  })
  @ReadResponse('The comparison of two environments, or of all.', schemas.drift, examples.drift, {
    paged: true,
    others: { matrix: examples.matrix },
  })
  @Problems(problems)
  async compareEnvironments(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: CommandContext,
    @StrictQuery() parameters: DriftQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<string> {
    const { source, target, ...rest } = parameters
    if (source === undefined && target === undefined) {
      const { body, positions } = await this.gateway.readSnapshot(minimum, query =>
        driftMatrix(query, { tenant, ...rest }),
      )
      return sendPage(request, reply, { body: { json: JSON.stringify(body.matrix), next: body.next }, positions })
    }
    const environments = bothOf(parameters)
    const scope = { tenant, ...rest, ...environments }
    const response = await this.gateway.readSnapshot(minimum, query => environmentDrift(query, scope))
    const { drift, next } = await this.known(reply, response, { tenant, minimum, environments })
    return sendPage(request, reply, { body: { json: JSON.stringify(drift), next }, positions: response.positions })
  }

  @Get('history')
  @ApiOperation({
    summary: 'List daily counts of drifting applications',
    description:
      'The number of applications that differed between two environments at the end of each day that the window [`from`, `to`) touches; ' +
      'for the current day at `asOf`, else now. An unknown environment is a 404.',
  })
  @ReadResponse('The daily counts.', schemas.history, examples.history)
  @Problems(problems)
  async listDriftHistory(
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: CommandContext,
    @StrictQuery() parameters: DriftHistoryQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<DriftHistory> {
    const { source, target } = parameters
    const environments = { source, target }
    const scope = { tenant, ...parameters, timezone: timezoneOf(parameters) }
    try {
      const response = await this.gateway.readSnapshot(minimum, query => driftHistory(query, scope))
      return {
        ...(await this.known(reply, response, { tenant, minimum, environments })).drift,
        timezone: parameters.timezone,
      }
    } catch (error) {
      if (error instanceof InvalidDays) throw parameterProblem([{ parameter: 'from', detail: error.message }])
      throw error
    }
  }

  /** The drift of known environments; throws a 404 that names the unknown ones and lists the known ones. */
  private async known<Drift>(
    reply: FastifyReply,
    { body, positions }: QueryResult<DriftResponse<Drift>>,
    scope: { tenant: string; minimum: Positions | undefined; environments: Record<string, string> },
  ): Promise<{ drift: Drift; next?: string }> {
    setPositionHeader(reply, positions)
    if (body.unknown === undefined) return body
    const { unknown } = body
    throw await unknownEnvironments(this.gateway, reply, { ...scope, unknown }, ['deployments', 'configurations'])
  }
}

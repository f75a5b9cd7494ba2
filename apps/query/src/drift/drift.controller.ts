import { Controller, Get } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import {
  driftExamples as examples,
  type DriftHistory,
  driftHistorySchema,
  driftMatrixSchema,
  driftSchema,
} from '#libs/api'
import { Endpoint, parameterProblem, Read, type ReadRequest, StrictQuery } from '#libs/http'
import { driftHistory, driftMatrix, environmentDrift, InvalidDays } from '#libs/read-models'
import { sendPage } from '../reads/responses.js'
import { ReadGateway } from '../reads/read-gateway.js'
import { timezoneOf } from '../reads/timezone.js'
import { ofKnown, problems } from './known-environments.js'
import { bothOf, DriftHistoryQuery, DriftQuery } from './drift-params.js'

@ApiTags('drift')
@Controller('api/v1/platform/deployments/drift')
export class DriftController {
  constructor(private readonly gateway: ReadGateway) {}

  @Get()
  @Endpoint({
    operationId: 'compareEnvironments',
    summary: 'Compare environments',
    description:
      'With `source` and `target`: the active deployments of both for each application, since when they differ, which deployment began the ' +
      'difference and which side is ahead; and totals of differing configurations and flags. Without both: each environment of the pipeline ' +
      'compared with every earlier one, and the environments that lag behind. Without `asOf`, deployments that start in the future count, ' +
      'too. An unknown environment is a 404.',
    permission: 'metrics:read',
    paged: true,
    responses: {
      200: {
        description: 'The comparison of two environments, or of all.',
        schema: { oneOf: [driftSchema, driftMatrixSchema] },
        examples: { example: examples.drift, matrix: examples.matrix },
      },
    },
    errors: problems,
  })
  async compareEnvironments(@Read() read: ReadRequest, @StrictQuery() parameters: DriftQuery): Promise<string> {
    const { tenant } = read.principal
    const { source, target, ...rest } = parameters
    if (source === undefined && target === undefined) {
      const { body, positions } = await this.gateway.readSnapshot(read, query =>
        driftMatrix(query, { tenant, ...rest }),
      )
      return sendPage(read, { body: { json: JSON.stringify(body.matrix), next: body.next }, positions })
    }
    const environments = bothOf(parameters)
    const scope = { tenant, ...rest, ...environments }
    const response = await this.gateway.readSnapshot(read, query => environmentDrift(query, scope))
    const { drift, next } = await ofKnown(this.gateway, read, response, environments)
    return sendPage(read, { body: { json: JSON.stringify(drift), next }, positions: response.positions })
  }

  @Get('history')
  @Endpoint({
    operationId: 'listDriftHistory',
    summary: 'List daily counts of drifting applications',
    description:
      'The number of applications that differed between two environments at the end of each day that the window [`from`, `to`) touches; ' +
      'for the current day at `asOf`, else now. An unknown environment is a 404.',
    permission: 'metrics:read',
    responses: { 200: { description: 'The daily counts.', schema: driftHistorySchema, example: examples.history } },
    errors: problems,
  })
  async listDriftHistory(
    @Read() read: ReadRequest,
    @StrictQuery() parameters: DriftHistoryQuery,
  ): Promise<DriftHistory> {
    const { tenant } = read.principal
    const { source, target } = parameters
    const environments = { source, target }
    const scope = { tenant, ...parameters, timezone: timezoneOf(parameters) }
    try {
      const response = await this.gateway.readSnapshot(read, query => driftHistory(query, scope))
      return {
        ...(await ofKnown(this.gateway, read, response, environments)).drift,
        timezone: parameters.timezone,
      }
    } catch (error) {
      if (error instanceof InvalidDays) throw parameterProblem([{ parameter: 'from', detail: error.message }])
      throw error
    }
  }
}

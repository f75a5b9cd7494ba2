import { Controller, Get } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import { environmentChangesExample, environmentChangesListSchema, environmentChangesSchema } from '#libs/api'
import { Endpoint, Read, type ReadRequest, StrictQuery } from '#libs/http'
import { environmentChanges } from '#libs/read-models'
import { ReadGateway } from '../reads/read-gateway.js'
import { sendPage } from '../reads/responses.js'
import { EnvironmentChangesQuery } from './drift-params.js'
import { ofKnown, problems } from './known-environments.js'

@ApiTags('drift')
@Controller('api/v1/platform/deployments/changes')
export class EnvironmentChangesController {
  constructor(private readonly gateway: ReadGateway) {}

  @Get()
  @Endpoint({
    operationId: 'listEnvironmentChanges',
    summary: 'List what one environment has and another lacks',
    description:
      'The tags that became active in the source since it last had the tag of the target, and the commits that first reached the source since ' +
      'then and have not reached the target. If the source never had the tag of the target: its active tag, unless that was active in the target ' +
      'before. With one `application` an object; otherwise a list of the applications that are active in one of the environments. At most ' +
      '100 tags and 500 commits of an application; `aheadBy` and `commitCount` count all. An unknown application has empty lists. An unknown ' +
      'environment is a 404.',
    permission: 'metrics:read',
    paged: true,
    responses: {
      200: {
        description: 'What the target lacks, of one application or of a page of them.',
        schema: { oneOf: [environmentChangesSchema, environmentChangesListSchema] },
        examples: { application: environmentChangesExample, list: [environmentChangesExample] },
      },
    },
    errors: problems,
  })
  async listEnvironmentChanges(
    @Read() read: ReadRequest,
    @StrictQuery() parameters: EnvironmentChangesQuery,
  ): Promise<string> {
    const { tenant } = read.principal
    const { source, target, application } = parameters
    const response = await this.gateway.readSnapshot(read, query =>
      environmentChanges(query, { tenant, ...parameters }),
    )
    const { drift: rows, next } = await ofKnown(this.gateway, read, response, { source, target })
    const body = new Set(application).size === 1 ? rows[0] : rows
    return sendPage(read, { body: { json: JSON.stringify(body), next }, positions: response.positions })
  }
}

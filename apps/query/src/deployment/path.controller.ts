import { Controller, Get } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import { commitPathSchema, pathExamples, tagPathSchema } from '#libs/api'
import { Endpoint, Read, type ReadRequest, StrictQuery, TextPath } from '#libs/http'
import { commitPath, tagPath } from '#libs/read-models'
import { found, sendPage } from '../reads/responses.js'
import { PathQuery } from './deployment-params.js'
import { ReadGateway } from '../reads/read-gateway.js'

@ApiTags('deployments')
@Controller('api/v1/platform/deployments')
export class PathController {
  constructor(private readonly gateway: ReadGateway) {}

  @Get('tag/:imageTag/path')
  @Endpoint({
    operationId: 'getTagPath',
    summary: 'Get the path of a tag through the environments',
    description:
      'The first success of the tag in each environment, by start. Sorted by application, then in the order of the pipeline; environments ' +
      'outside the pipeline come last, by name. `secondsAfterPrevious` is the time from start to start, in seconds.',
    permission: 'deployments:read',
    paged: true,
    responses: {
      200: {
        description: 'A page of the path; empty if no deployment of the tag succeeded.',
        schema: tagPathSchema,
        example: pathExamples.tag,
      },
    },
    errors: { 404: 'No deployment has this tag.' },
  })
  async getTagPath(
    @Read() read: ReadRequest,
    @TextPath('imageTag', 'The tag. Encode `/` as `%2F`.') imageTag: string,
    @StrictQuery() { application, limit, cursor, ...moment }: PathQuery,
  ): Promise<string> {
    const { tenant } = read.principal
    const selection = { tenant, imageTag, application, moment, limit, cursor }
    const response = await this.gateway.read(read, query => tagPath(query, selection))
    return sendPage(read, found(read, response, `No deployment${of(application)} has the tag ${imageTag}.`))
  }

  @Get('commits/:sha/path')
  @Endpoint({
    operationId: 'getCommitPath',
    summary: 'Get the path of a commit through the environments',
    description:
      'The first success in each environment that contains the commit, in `commits` or as `gitCommit`, by finish. A hash may be abbreviated: 7 to ' +
      '40, or 64, hexadecimal digits mean the commit whose hash begins so. Any other name is compared exactly. Sorted as the path of a tag. `secondsAfterPrevious` is the time from finish to finish, in seconds.',
    permission: 'deployments:read',
    paged: true,
    responses: {
      200: {
        description: 'A page of the path; empty if no deployment with the commit succeeded.',
        schema: commitPathSchema,
        example: pathExamples.commit,
      },
    },
    errors: {
      404: 'No deployment contains this commit.',
      409: 'The hashes of several commits begin so. `commits` lists up to 10 of them.',
    },
  })
  async getCommitPath(
    @Read() read: ReadRequest,
    @TextPath('sha', 'The commit: its name as recorded, or the first 7 or more digits of its hash.') sha: string,
    @StrictQuery() { application, limit, cursor, ...moment }: PathQuery,
  ): Promise<string> {
    const { tenant } = read.principal
    const selection = { tenant, sha, application, moment, limit, cursor }
    const response = await this.gateway.readSnapshot(read, query => commitPath(query, selection))
    return sendPage(read, found(read, response, `No deployment${of(application)} contains the commit ${sha}.`))
  }
}

function of(application: string | undefined): string {
  return application === undefined ? '' : ` of ${application}`
}

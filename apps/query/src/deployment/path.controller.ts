import { Controller, Get, Req, Res } from '@nestjs/common'
import { ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Positions, CommandContext } from '#libs/contracts'
import { MinPosition, Problems, ReadCaller, StrictQuery, TextPath } from '#libs/http'
import { commitPath, tagPath } from '#libs/read-models'
import { found, sendPage } from '../reads/responses.js'
import { ReadResponse } from '../reads/read-openapi.js'
import { PathQuery } from './deployment-params.js'
import { examples, problems, schemas } from './path-openapi.js'
import { ReadGateway } from '../reads/read-gateway.js'

@ApiTags('deployments')
@Controller('api/v1/platform/deployments')
export class PathController {
  constructor(private readonly gateway: ReadGateway) {}

  @Get('tag/:imageTag/path')
  @ApiOperation({
    summary: 'Get the path of a tag through the environments',
    description:
      'The first success of the tag in each environment, by start. Sorted by application, then in the order of the pipeline; environments ' +
      'outside the pipeline come last, by name. `secondsAfterPrevious` is the time from start to start, in seconds.',
  })
  @ReadResponse('A page of the path; empty if no deployment of the tag succeeded.', schemas.tag, examples.tag, {
    paged: true,
  })
  @Problems(problems.tag)
  async getTagPath(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: CommandContext,
    @TextPath('imageTag', 'The tag. Encode `/` as `%2F`.') imageTag: string,
    @StrictQuery() { application, limit, cursor, ...moment }: PathQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<string> {
    const selection = { tenant, imageTag, application, moment, limit, cursor }
    const response = await this.gateway.read(minimum, query => tagPath(query, selection))
    return sendPage(request, reply, found(reply, response, `No deployment${of(application)} has the tag ${imageTag}.`))
  }

  @Get('commits/:sha/path')
  @ApiOperation({
    summary: 'Get the path of a commit through the environments',
    description:
      'The first success in each environment that contains the commit, in `commits` or as `gitCommit`, by finish. Sorted as the path of ' +
      'a tag. `secondsAfterPrevious` is the time from finish to finish, in seconds.',
  })
  @ReadResponse(
    'A page of the path; empty if no deployment with the commit succeeded.',
    schemas.commit,
    examples.commit,
    {
      paged: true,
    },
  )
  @Problems(problems.commit)
  async getCommitPath(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: CommandContext,
    @TextPath('sha', 'The commit, exactly as recorded.') sha: string,
    @StrictQuery() { application, limit, cursor, ...moment }: PathQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<string> {
    const selection = { tenant, sha, application, moment, limit, cursor }
    const response = await this.gateway.read(minimum, query => commitPath(query, selection))
    return sendPage(
      request,
      reply,
      found(reply, response, `No deployment${of(application)} contains the commit ${sha}.`),
    )
  }
}

function of(application: string | undefined): string {
  return application === undefined ? '' : ` of ${application}`
}

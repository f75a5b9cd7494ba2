import { Controller, Get, Req, Res } from '@nestjs/common'
import { ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Positions } from '#libs/contracts'
import { MinPosition, Problems, ReadCaller, StrictQuery, TextPath, type Caller } from '#libs/http'
import { commitPath, tagPath } from '#libs/read-models'
import { found, sendPage } from './answers.js'
import { ReadAnswer } from './deployment-documentation.js'
import { PathQuery } from './deployment-questions.js'
import { examples, problems, schemas } from './path-documentation.js'
import { ReadSide } from './read-side.js'

/** The ways of tags and commits through the environments. */
@ApiTags('deployments')
@Controller('api/v1/platform/deployments')
export class PathController {
  constructor(private readonly readSide: ReadSide) {}

  @Get('tag/:imageTag/path')
  @ApiOperation({
    summary: 'When a tag first came to each environment, and from where',
    description:
      'Where it succeeded, by application, then in the order of the pipeline; environments outside it last, by name. First is the ' +
      'one that started first; `secondsAfterPrevious` is from start to start.',
  })
  @ReadAnswer('The path; empty where the tag never succeeded.', schemas.tag, examples.tag, { paged: true })
  @Problems(problems.tag)
  async tagPath(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: Caller,
    @TextPath('imageTag', 'The tag; `/` in it is `%2F`.') imageTag: string,
    @StrictQuery() { application, limit, cursor, ...moment }: PathQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<string> {
    const selection = { tenant, imageTag, application, moment, limit, cursor }
    const answer = await this.readSide.ask(minimum, query => tagPath(query, selection))
    return sendPage(request, reply, found(reply, answer, `No deployment${of(application)} has the tag ${imageTag}.`))
  }

  @Get('commits/:sha/path')
  @ApiOperation({
    summary: 'When a commit reached each environment, and by which deployment',
    description:
      'In the same order. A commit is there when the first success that brought it had finished, as one of its `commits` or as its ' +
      '`gitCommit`; `secondsAfterPrevious` is from finish to finish.',
  })
  @ReadAnswer('The path; empty where no deployment that brought it succeeded.', schemas.commit, examples.commit, {
    paged: true,
  })
  @Problems(problems.commit)
  async commitPath(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: Caller,
    @TextPath('sha', 'The commit, as it was recorded.') sha: string,
    @StrictQuery() { application, limit, cursor, ...moment }: PathQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<string> {
    const selection = { tenant, sha, application, moment, limit, cursor }
    const answer = await this.readSide.ask(minimum, query => commitPath(query, selection))
    return sendPage(request, reply, found(reply, answer, `No deployment${of(application)} brought the commit ${sha}.`))
  }
}

function of(application: string | undefined): string {
  return application === undefined ? '' : ` of ${application}`
}

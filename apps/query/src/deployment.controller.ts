import { Controller, Get, Req, Res } from '@nestjs/common'
import { ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Positions } from '#libs/contracts'
import { type Caller, contentTag, MinPosition, Problems, ReadCaller, StrictQuery, TextPath, UuidPath } from '#libs/http'
import {
  currentPage,
  findDeployment,
  findDeploymentEvents,
  findRollback,
  historyPage,
  tagExistence,
  type TagExistence,
} from '#libs/read-models'
import { AsOfQuery } from './as-of-question.js'
import { found, sendJson, sendPage, sendTagged, tellPositions } from './answers.js'
import { examples, problems, ReadAnswer, schemas } from './deployment-documentation.js'
import { CurrentQuery, HistoryQuery, NarrowingQuery, RollbackTargetQuery } from './deployment-questions.js'
import { ImageRegistry } from './image-registry.js'
import { ReadSide } from './read-side.js'
import { rollbackSearch, rollbackTarget, type RollbackTarget } from './rollback-target.js'

@ApiTags('deployments')
@Controller('api/v1/platform/deployments')
export class DeploymentController {
  constructor(
    private readonly readSide: ReadSide,
    private readonly registry: ImageRegistry,
  ) {}

  @Get('history')
  @ApiOperation({
    summary: 'What was deployed, newest first',
    description:
      'By `deployedAt`, whenever it was recorded; ties by the log. `asOf` shows what had started by then, as it stood then; ' +
      '`knownAt` what had been recorded by then.',
  })
  @ReadAnswer('The records.', schemas.records, examples.records, { paged: true })
  @Problems(problems.list)
  async history(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: Caller,
    @StrictQuery() { limit, cursor, asOf, knownAt, ...filters }: HistoryQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<string> {
    const question = { tenant, filters, moment: { asOf, knownAt }, limit, cursor }
    const answer = await this.readSide.ask(minimum, query => historyPage(query, question))
    return sendPage(request, reply, answer)
  }

  @Get('current')
  @ApiOperation({
    summary: 'What runs where',
    description:
      'The record of each application and environment, by application, then in the order of the pipeline. `contestedBy` ' +
      'names a deployment that started earlier and finished later: it may have overwritten what runs. `asOf` asks what ran ' +
      'then, `knownAt` what was known then.',
  })
  @ReadAnswer('The records.', schemas.records, examples.current, { paged: true })
  @Problems(problems.list)
  async current(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: Caller,
    @StrictQuery() { limit, cursor, asOf, knownAt, ...filters }: CurrentQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<string> {
    const question = { tenant, filters, moment: { asOf, knownAt }, limit, cursor }
    const answer = await this.readSide.ask(minimum, query => currentPage(query, question))
    return sendPage(request, reply, answer)
  }

  @Get('rollback-target')
  @ApiOperation({
    summary: 'Where to roll back to, and whether that is safe',
    description:
      'The latest success before the problem, in its application and environment, with another tag, neither rolled back nor ' +
      'undone by another one; why each newer one was passed over; and the safety checks. `fail`: a rollback would break; `warn`: ' +
      'look first. `asOf` asks where to then, `knownAt` by what was known then; the image is looked for now.',
  })
  @ReadAnswer('The target.', schemas.rollbackTarget, examples.rollbackTarget)
  @Problems(problems.rollbackTarget)
  async rollbackTarget(
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: Caller,
    @StrictQuery() question: RollbackTargetQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<RollbackTarget> {
    const search = rollbackSearch(tenant, question)
    const { body, positions } = await this.readSide.ask(minimum, query => findRollback(query, search))
    tellPositions(reply, positions)
    return rollbackTarget(search, body, this.registry)
  }

  @Get('tag/:imageTag/exists')
  @ApiOperation({ summary: 'Whether a tag was recorded, and how often' })
  @ReadAnswer('Also where it does not exist.', schemas.existence, examples.existence)
  @Problems(problems.list)
  async tagExistence(
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: Caller,
    @TextPath('imageTag', 'The tag; `/` in it is `%2F`.') imageTag: string,
    @StrictQuery() narrowing: NarrowingQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<TagExistence> {
    const selection = { tenant, imageTag, ...narrowing }
    const { body, positions } = await this.readSide.ask(minimum, query => tagExistence(query, selection))
    tellPositions(reply, positions)
    return body
  }

  @Get(':id')
  @ApiOperation({ summary: 'One deployment' })
  @ReadAnswer('The record.', schemas.record, examples.record, { tagged: true })
  @Problems(problems.one)
  async findDeployment(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: Caller,
    @UuidPath('id', 'The deployment.') id: string,
    @StrictQuery() moment: AsOfQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<string | undefined> {
    const answer = await this.readSide.ask(minimum, query => findDeployment(query, tenant, id, moment))
    const record = found(reply, answer, missing(id))
    // Its neighbours change a record (`active`, `rollbackOf`) without a new version.
    return sendTagged(request, reply, record, contentTag(tenant, record.body))
  }

  @Get(':id/events')
  @ApiOperation({
    summary: 'What was recorded about a deployment, in order',
    description: '`data` is as it stands in the log.',
  })
  @ReadAnswer('The events.', schemas.events, examples.events)
  @Problems(problems.one)
  async findDeploymentEvents(
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: Caller,
    @UuidPath('id', 'The deployment.') id: string,
    @MinPosition() minimum?: Positions,
  ): Promise<string> {
    const answer = await this.readSide.ask(minimum, query => findDeploymentEvents(query, tenant, id))
    return sendJson(reply, found(reply, answer, missing(id)))
  }
}

const missing = (id: string) => `There is no deployment ${id}.`

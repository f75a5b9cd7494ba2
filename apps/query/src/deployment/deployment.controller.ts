import { Controller, Get, Req, Res } from '@nestjs/common'
import { ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Positions, CommandContext } from '#libs/contracts'
import { contentTag, MinPosition, Problems, ReadCaller, StrictQuery, TextPath, UuidPath } from '#libs/http'
import {
  currentPage,
  findDeployment,
  findDeploymentEvents,
  findRollback,
  historyPage,
  tagExistence,
  type TagExistence,
} from '#libs/read-models'
import { AsOfQuery } from '../reads/as-of-params.js'
import { found, sendJson, sendPage, sendTagged, setPositionHeader } from '../reads/responses.js'
import { examples, problems, schemas } from './deployment-openapi.js'
import { eventsSchema, listProblems, ReadResponse } from '../reads/read-openapi.js'
import { CurrentQuery, HistoryQuery, TagFilterQuery, RollbackTargetQuery } from './deployment-params.js'
import { ImageRegistry } from './image-registry.js'
import { ReadGateway } from '../reads/read-gateway.js'
import { rollbackSearch, rollbackTarget, type RollbackTarget } from './rollback-target.js'

@ApiTags('deployments')
@Controller('api/v1/platform/deployments')
export class DeploymentController {
  constructor(
    private readonly gateway: ReadGateway,
    private readonly registry: ImageRegistry,
  ) {}

  @Get('history')
  @ApiOperation({
    summary: 'List the deployment history',
    description:
      'Newest first by `deployedAt`, regardless of when a deployment was recorded; ties in log order. `asOf` returns the deployments ' +
      'that had started by then, in their state at that time. An unknown application or environment has an empty list.',
  })
  @ReadResponse('A page of deployments.', schemas.records, examples.records, { paged: true })
  @Problems(listProblems)
  async listDeploymentHistory(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: CommandContext,
    @StrictQuery() { limit, cursor, asOf, knownAt, ...filters }: HistoryQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<string> {
    const selection = { tenant, filters, moment: { asOf, knownAt }, limit, cursor }
    const response = await this.gateway.read(minimum, query => historyPage(query, selection))
    return sendPage(request, reply, response)
  }

  @Get('current')
  @ApiOperation({
    summary: 'List the active deployments',
    description:
      'The active deployment of each application and environment, sorted by application, then in the order of the pipeline. `contestedBy` ' +
      'names a deployment that started earlier and finished later, and may have overwritten the active one. `asOf` returns what was active ' +
      'at that time. An unknown application or environment has an empty list.',
  })
  @ReadResponse('A page of active deployments.', schemas.records, examples.current, { paged: true })
  @Problems(listProblems)
  async listActiveDeployments(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: CommandContext,
    @StrictQuery() { limit, cursor, asOf, knownAt, ...filters }: CurrentQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<string> {
    const selection = { tenant, filters, moment: { asOf, knownAt }, limit, cursor }
    const response = await this.gateway.read(minimum, query => currentPage(query, selection))
    return sendPage(request, reply, response)
  }

  @Get('rollback-target')
  @ApiOperation({
    summary: 'Get the rollback target and its safety checks',
    description:
      '`target` is the latest success before `problem` in its application and environment that has another tag and was not rolled back; ' +
      '`passedOver` lists newer candidates with reasons; `checks` tells whether the rollback is safe. Requires `environment` or `deploymentId`. ' +
      '`asOf` and `knownAt` do not apply to the check of the image registry. An unknown environment is a 404.',
  })
  @ReadResponse('The rollback target.', schemas.rollbackTarget, examples.rollbackTarget)
  @Problems(problems.rollbackTarget)
  async getRollbackTarget(
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: CommandContext,
    @StrictQuery() parameters: RollbackTargetQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<RollbackTarget> {
    const search = rollbackSearch(tenant, parameters)
    const { body, positions } = await this.gateway.read(minimum, query => findRollback(query, search))
    setPositionHeader(reply, positions)
    return rollbackTarget(search, body, this.registry)
  }

  @Get('tag/:imageTag/exists')
  @ApiOperation({
    summary: 'Count the deployments of a tag',
    description: 'Deployments with any status count. An unknown tag, application or environment has `exists: false`.',
  })
  @ReadResponse('The count, also if it is 0.', schemas.existence, examples.existence)
  @Problems(listProblems)
  async countTagDeployments(
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: CommandContext,
    @TextPath('imageTag', 'The tag. Encode `/` as `%2F`.') imageTag: string,
    @StrictQuery() filters: TagFilterQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<TagExistence> {
    const selection = { tenant, imageTag, ...filters }
    const { body, positions } = await this.gateway.read(minimum, query => tagExistence(query, selection))
    setPositionHeader(reply, positions)
    return body
  }

  @Get(':id')
  @ApiOperation({
    summary: 'Get a deployment',
    description: 'Its state now, or at `asOf`. 404 if it did not exist or was not recorded by then.',
  })
  @ReadResponse('The deployment.', schemas.record, examples.record, { tagged: true })
  @Problems(problems.one)
  async getDeployment(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: CommandContext,
    @UuidPath('id', 'Id of the deployment.') id: string,
    @StrictQuery() moment: AsOfQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<string | undefined> {
    const response = await this.gateway.read(minimum, query => findDeployment(query, tenant, id, moment))
    const record = found(reply, response, missing(id))
    // Other deployments change its representation (`active`, `rollbackDetected`) without a new version.
    return sendTagged(request, reply, record, contentTag(tenant, record.body))
  }

  @Get(':id/events')
  @ApiOperation({
    summary: 'List the events of a deployment',
    description: 'All events in the order of the log, with their data as recorded.',
  })
  @ReadResponse('The events.', eventsSchema, examples.events)
  @Problems(problems.one)
  async listDeploymentEvents(
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: CommandContext,
    @UuidPath('id', 'Id of the deployment.') id: string,
    @MinPosition() minimum?: Positions,
  ): Promise<string> {
    const response = await this.gateway.read(minimum, query => findDeploymentEvents(query, tenant, id))
    return sendJson(reply, found(reply, response, missing(id)))
  }
}

const missing = (id: string) => `Deployment ${id} does not exist.`

import { Controller, Get } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import { recordedEventsSchema, type TagExistence } from '#libs/api'
import { contentTag, Endpoint, Read, type ReadRequest, StrictQuery, TextPath, UuidPath } from '#libs/http'
import {
  currentPage,
  findDeployment,
  findDeploymentEvents,
  findRollback,
  historyPage,
  tagExistence,
} from '#libs/read-models'
import type { Query } from '#libs/postgres'
import { AsOfQuery } from '../reads/as-of-params.js'
import { found, sendJson, sendPage, sendTagged, setPositionHeader } from '../reads/responses.js'
import { examples, problems, schemas } from './deployment-openapi.js'
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
  @Endpoint({
    operationId: 'listDeploymentHistory',
    summary: 'List the deployment history',
    description:
      'Newest first by `deployedAt`, regardless of when a deployment was recorded; ties in log order. `asOf` returns the deployments ' +
      'that had started by then, in their state at that time. Voided deployments are listed with `includeVoided=true` only. An unknown ' +
      'application or environment has an empty list.',
    permission: 'deployments:read',
    paged: true,
    responses: { 200: { description: 'A page of deployments.', schema: schemas.records, example: examples.records } },
    errors: { 409: 'The hashes of several commits begin like `gitCommit`. `commits` lists up to 10 of them.' },
  })
  async listDeploymentHistory(
    @Read() read: ReadRequest,
    @StrictQuery() { limit, cursor, asOf, knownAt, includeVoided, ...filters }: HistoryQuery,
  ): Promise<string> {
    const { tenant } = read.principal
    const selection = { tenant, filters, includeVoided, moment: { asOf, knownAt }, limit, cursor }
    const page = (query: Query) => historyPage(query, selection)
    const response = await (filters.gitCommit === undefined
      ? this.gateway.read(read, page)
      : this.gateway.readSnapshot(read, page))
    return sendPage(read, response)
  }

  @Get('current')
  @Endpoint({
    operationId: 'listActiveDeployments',
    summary: 'List the active deployments',
    description:
      'The active deployment of each application and environment, sorted by application, then in the order of the pipeline. `contestedBy` ' +
      'names a deployment that started earlier and finished later, and may have overwritten the active one. `runningSince` is when its tag ' +
      'became active there, over deployments of the same tag. `asOf` returns what was active at that time. An unknown application or environment has an empty list.',
    permission: 'deployments:read',
    paged: true,
    responses: {
      200: { description: 'A page of active deployments.', schema: schemas.current, example: examples.current },
    },
  })
  async listActiveDeployments(
    @Read() read: ReadRequest,
    @StrictQuery() { limit, cursor, asOf, knownAt, ...filters }: CurrentQuery,
  ): Promise<string> {
    const { tenant } = read.principal
    const selection = { tenant, filters, moment: { asOf, knownAt }, limit, cursor }
    const one = (query: Query) => currentPage(query, selection)
    const response = await (knownAt === undefined ? this.gateway.read(read, one) : this.gateway.readSnapshot(read, one))
    return sendPage(read, response)
  }

  @Get('rollback-target')
  @Endpoint({
    operationId: 'getRollbackTarget',
    summary: 'Get the rollback target and its safety checks',
    description:
      '`target` is the latest success before `problem` in its application and environment that has another tag and was not rolled back; ' +
      '`passedOver` lists newer candidates with reasons; `checks` tells whether the rollback is safe. Requires `environment` or `deploymentId`. ' +
      '`asOf` and `knownAt` do not apply to the check of the image registry. An unknown environment is a 404.',
    permission: 'deployments:read',
    responses: {
      200: { description: 'The rollback target.', schema: schemas.rollbackTarget, example: examples.rollbackTarget },
    },
    errors: problems.rollbackTarget,
  })
  async getRollbackTarget(
    @Read() read: ReadRequest,
    @StrictQuery() parameters: RollbackTargetQuery,
  ): Promise<RollbackTarget> {
    const { tenant } = read.principal
    const search = rollbackSearch(tenant, parameters)
    const { body, positions } = await this.gateway.read(read, query => findRollback(query, search))
    setPositionHeader(read.reply, positions)
    return rollbackTarget(search, body, this.registry)
  }

  @Get('tag/:imageTag/exists')
  @Endpoint({
    operationId: 'countTagDeployments',
    summary: 'Count the deployments of a tag',
    description: 'Deployments with any status count. An unknown tag, application or environment has `exists: false`.',
    permission: 'deployments:read',
    responses: {
      200: { description: 'The count, also if it is 0.', schema: schemas.existence, example: examples.existence },
    },
  })
  async countTagDeployments(
    @Read() read: ReadRequest,
    @TextPath('imageTag', 'The tag. Encode `/` as `%2F`.') imageTag: string,
    @StrictQuery() filters: TagFilterQuery,
  ): Promise<TagExistence> {
    const { tenant } = read.principal
    const selection = { tenant, imageTag, ...filters }
    const { body, positions } = await this.gateway.read(read, query => tagExistence(query, selection))
    setPositionHeader(read.reply, positions)
    return body
  }

  @Get(':id')
  @Endpoint({
    operationId: 'getDeployment',
    summary: 'Get a deployment',
    description:
      'Its state now, or at `asOf`. 404 if it did not exist or was not recorded by then. A voided deployment has `voidedAt`; with `asOf` it ' +
      'is a 404.',
    permission: 'deployments:read',
    tagged: true,
    responses: { 200: { description: 'The deployment.', schema: schemas.record, example: examples.record } },
    errors: problems.one,
  })
  async getDeployment(
    @Read() read: ReadRequest,
    @UuidPath('id', 'Id of the deployment.') id: string,
    @StrictQuery() moment: AsOfQuery,
  ): Promise<string | undefined> {
    const { tenant } = read.principal
    const response = await this.gateway.read(read, query => findDeployment(query, tenant, id, moment))
    const record = found(read, response, missing(id))
    // Other deployments change its representation (`active`, `rollbackDetected`) without a new version.
    return sendTagged(read, record, contentTag(tenant, record.body))
  }

  @Get(':id/events')
  @Endpoint({
    operationId: 'listDeploymentEvents',
    summary: 'List the events of a deployment',
    description: 'All events in the order of the log, with their data as recorded.',
    permission: 'deployments:read',
    responses: { 200: { description: 'The events.', schema: recordedEventsSchema, example: examples.events } },
    errors: problems.one,
  })
  async listDeploymentEvents(
    @Read() read: ReadRequest,
    @UuidPath('id', 'Id of the deployment.') id: string,
  ): Promise<string> {
    const { tenant } = read.principal
    const response = await this.gateway.read(read, query => findDeploymentEvents(query, tenant, id))
    return sendJson(read, found(read, response, missing(id)))
  }
}

const missing = (id: string) => `Deployment ${id} does not exist.`

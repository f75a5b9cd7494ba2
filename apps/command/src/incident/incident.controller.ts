import { Controller, Post } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import { v7 as uuidv7 } from 'uuid'
import { incidentIdSchema, openIncidentSchema, resolveIncidentSchema } from '#libs/contracts'
import { incident, readsOfOpening } from '#libs/domain'
import { bodyProblem, Endpoint, JsonBody, NamePath, Write, type WriteRequest } from '#libs/http'
import { Ledger } from '#libs/ledger'
import { executeCommand, receivedFrom } from '../commands/execute-command.js'
import {
  incidentTarget,
  openIncident,
  type OpenIncidentBody,
  resolveIncident,
  type ResolveIncidentBody,
} from './incident-commands.js'
import { accepted, changed, created, examples, problems } from './incident-openapi.js'
import { incidentResponse } from './incident-response.js'

@ApiTags('incidents')
@Controller('api/v1/platform/incidents')
export class IncidentController {
  constructor(private readonly ledger: Ledger) {}

  @Post()
  @Endpoint({
    operationId: 'openIncident',
    summary: 'Open an incident',
    description:
      'The incident belongs to `deploymentId`, else to the deployment that was active in the application and environment at ' +
      '`startedAt`, which counts as a failed change. Requires `deploymentId` or `environment`. Idempotent: a request with the same ' +
      '`id` or `Idempotency-Key` and the same body returns 200 and the same incident. The response has `deploymentId` as sent; a GET ' +
      'also if it was found.',
    permission: 'deployments:record',
    body: { schema: openIncidentSchema, examples: examples.open },
    responses: created,
    accepted,
    errors: problems.open,
  })
  async openIncident(@Write() write: WriteRequest, @JsonBody() body: OpenIncidentBody): Promise<object | undefined> {
    if (body.deploymentId === undefined && body.environment === undefined) {
      throw bodyProblem([{ pointer: '/environment', detail: 'is required without `deploymentId`' }])
    }
    const { tenant } = write.principal
    const command = openIncident(body.id ?? uuidv7(), body, { tenant, ...receivedFrom(write) })
    const target = { ...incidentTarget(tenant, command), reads: readsOfOpening(command) }
    const outcome = await executeCommand(this.ledger, write, { decider: incident, target, sent: body, creates: true })
    return incidentResponse(write, outcome, { creates: true })
  }

  @Post(':id/resolve')
  @Endpoint({
    operationId: 'resolveIncident',
    summary: 'Resolve an incident',
    description: 'Ends the incident, once. Default: `resolvedAt` now.',
    permission: 'deployments:record',
    body: { schema: resolveIncidentSchema, examples: examples.resolve, optional: true },
    responses: changed,
    accepted,
    errors: problems.resolve,
  })
  async resolveIncident(
    @Write() write: WriteRequest,
    @NamePath('id', 'Id of the incident, percent-encoded (`/` as `%2F`).', incidentIdSchema) id: string,
    @JsonBody() body: ResolveIncidentBody,
  ): Promise<object | undefined> {
    const target = incidentTarget(write.principal.tenant, resolveIncident(id, body, receivedFrom(write).now))
    return incidentResponse(write, await executeCommand(this.ledger, write, { decider: incident, target, sent: body }))
  }
}

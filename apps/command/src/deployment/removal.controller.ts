import { Controller, Post } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import { defaultApplication, type DeploymentCommand, removeActiveSchema, removeDeploymentSchema } from '#libs/contracts'
import { deployment, type Deployment } from '#libs/domain'
import { Endpoint, JsonBody, UuidPath, Write, type WriteRequest } from '#libs/http'
import { type CommandRequest, Ledger } from '#libs/ledger'
import { executeCommand } from '../commands/execute-command.js'
import { deploymentTarget, receiptOf, removeDeployment, type RemoveDeploymentBody } from './deployment-commands.js'
import { accepted, examples, removalProblems, removed } from './deployment-openapi.js'
import { deploymentResponse } from './deployment-response.js'
import { findActive } from './find-removal.js'

type Target = CommandRequest<Deployment, DeploymentCommand, never>['target']

interface RemoveActiveBody extends RemoveDeploymentBody {
  application?: string
  environment: string
}

@ApiTags('deployments')
@Controller('api/v1/platform/deployments')
export class RemovalController {
  constructor(private readonly ledger: Ledger) {}

  @Post('remove')
  @Endpoint({
    operationId: 'removeActiveDeployment',
    summary: 'Remove what is active in an environment',
    description:
      'Nothing is active there from `removedAt` on, until the next success: the deployment before it does not come back. With a ' +
      '`removedAt` in the past it is the deployment that was active then. Defaults: `application` `platform`, `removedAt` now.',
    permission: 'deployments:record',
    body: { schema: removeActiveSchema, examples: examples.removeActive },
    responses: removed,
    accepted,
    errors: removalProblems.removeActive,
  })
  async removeActiveDeployment(
    @Write() write: WriteRequest,
    @JsonBody() body: RemoveActiveBody,
  ): Promise<object | undefined> {
    const { application = defaultApplication, environment } = body
    const removal = { body, receipt: receiptOf(write) }
    return this.execute(write, { find: index => findActive(index, { application, environment }, removal) }, body)
  }

  @Post(':id/remove')
  @Endpoint({
    operationId: 'removeDeployment',
    summary: 'Remove a deployment',
    description:
      'Nothing is active in its application and environment from `removedAt` on, until the next success: the deployment before it does ' +
      'not come back. A removal is neither a failure nor a rollback. Default: `removedAt` now, or the finish if that is later.',
    permission: 'deployments:record',
    body: { schema: removeDeploymentSchema, examples: examples.remove, optional: true },
    responses: removed,
    accepted,
    errors: removalProblems.remove,
  })
  async removeDeployment(
    @Write() write: WriteRequest,
    @UuidPath('id', 'Id of the deployment.') id: string,
    @JsonBody() body: RemoveDeploymentBody,
  ): Promise<object | undefined> {
    return this.execute(
      write,
      deploymentTarget(write.principal.tenant, removeDeployment(id, body, receiptOf(write))),
      body,
    )
  }

  private async execute(write: WriteRequest, target: Target, sent: object): Promise<object | undefined> {
    return deploymentResponse(write, await executeCommand(this.ledger, write, { decider: deployment, target, sent }))
  }
}

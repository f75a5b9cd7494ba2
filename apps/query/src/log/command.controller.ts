import { Controller, Get, Res } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import type { FastifyReply } from 'fastify'
import { commandExample, commandSchema, type CommandResponse } from '#libs/api'
import type { Principal } from '#libs/auth'
import { formatPositions } from '#libs/contracts'
import { Endpoint, HttpProblem, ReadPrincipal, rejectionProblem, setPositions, UuidPath } from '#libs/http'
import { findCommand } from '#libs/ledger'
import { LedgerIndex } from '../reads/ledger-index.js'

@ApiTags('commands')
@Controller('api/v1/commands')
export class CommandController {
  constructor(private readonly ledger: LedgerIndex) {}

  @Get(':commandId')
  @Endpoint({
    operationId: 'getCommand',
    summary: 'Get the state of a command',
    description:
      'For a write that responded with 202. `accepted`: its events are not confirmed by the log yet; `appended`: its events are in the log, ' +
      'at `position`; `refused`: it changed nothing, and `problem` says why.',
    permission: 'any',
    responses: { 200: { description: 'State of the command.', schema: commandSchema, example: commandExample } },
    errors: { 404: 'The tenant has no command with this id.', 503: 'PostgreSQL is unavailable.' },
  })
  async getCommand(
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadPrincipal() { tenant }: Principal,
    @UuidPath('commandId', 'Id of the command, from the response to the write.') commandId: string,
  ): Promise<CommandResponse> {
    const command = await findCommand(this.ledger.query, tenant, commandId)
    if (!command) throw new HttpProblem(404, `Command ${commandId} does not exist.`)
    const { id, status, receivedAt, positions, rejection } = command
    if (positions) setPositions(reply, positions)
    return {
      id,
      status,
      receivedAt,
      ...(positions && { position: formatPositions(positions) }),
      ...(rejection && { problem: rejectionProblem(rejection).toProblem() }),
    }
  }
}

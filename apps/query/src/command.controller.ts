import { Controller, Get, Res } from '@nestjs/common'
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger'
import type { FastifyReply } from 'fastify'
import { formatPositions } from '#libs/contracts'
import {
  HttpProblem,
  Problems,
  ReadCaller,
  rejectionProblem,
  setPositions,
  UuidPath,
  type Caller,
  type Problem,
} from '#libs/http'
import { findCommand } from '#libs/ledger'
import { LedgerIndex } from './ledger-index.js'

/** What became of a command. */
interface AnsweredCommand {
  id: string
  status: 'accepted' | 'appended' | 'refused'
  receivedAt: string
  /** Where its events stand in the log. */
  position?: string
  problem?: Problem
}

const example: AnsweredCommand = {
  id: '0198c0de-0000-7000-8000-00000000000c',
  status: 'appended',
  receivedAt: '2026-02-12T10:05:01.217Z',
  position: '3:17',
}

@ApiTags('commands')
@Controller('api/v1/commands')
export class CommandController {
  constructor(private readonly ledger: LedgerIndex) {}

  @Get(':commandId')
  @ApiOperation({
    summary: 'What became of a command',
    description:
      '`accepted`: decided, and not yet in the log; `appended`: in the log, and read back from it; `refused`.',
  })
  @ApiResponse({
    status: 200,
    description: 'The command.',
    content: {
      'application/json': {
        schema: {
          type: 'object',
          required: ['id', 'status', 'receivedAt'],
          properties: {
            id: { type: 'string', format: 'uuid' },
            status: { type: 'string', enum: ['accepted', 'appended', 'refused'] },
            receivedAt: { type: 'string', format: 'date-time' },
            position: { type: 'string', description: 'Where its events stand in the log: `<partition>:<seq>`.' },
            problem: { $ref: '#/components/schemas/Problem', description: 'Why it was refused.' },
          },
        },
        example,
      },
    },
  })
  @Problems({ 404: 'The tenant has sent no such command.', 503: 'Postgres cannot be reached.' })
  async findCommand(
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: Caller,
    @UuidPath('commandId', 'The command.') commandId: string,
  ): Promise<AnsweredCommand> {
    const command = await findCommand(this.ledger.query, tenant, commandId)
    if (!command) throw new HttpProblem(404, `There is no command ${commandId}.`)
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

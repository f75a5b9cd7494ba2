import { Readable } from 'node:stream'
import { Controller, Get, Req, Res } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { logExamples, type LogPosition, logPositionsSchema, verificationSchema } from '#libs/api'
import { EventLog, verifyLog } from '#libs/event-log'
import { Draining, Endpoint, HttpProblem, ndjson } from '#libs/http'
import { logPositions } from '#libs/ledger'
import { deployments, readPositions } from '#libs/read-models'
import { LedgerIndex } from '../reads/ledger-index.js'
import { ReadGateway } from '../reads/read-gateway.js'

@ApiTags('system')
@Controller('api/v1/log')
export class LogController {
  /** The running verification. */
  private verifying: symbol | undefined

  constructor(
    private readonly gateway: ReadGateway,
    private readonly ledger: LedgerIndex,
    private readonly eventLog: EventLog,
    private readonly draining: Draining,
  ) {}

  @Get('positions')
  @Endpoint({
    operationId: 'getLogPositions',
    summary: 'Get the positions of the log',
    description:
      'By partition: the last event that the ledger has confirmed, and the last one that the read models reflect. For operators.',
    permission: 'log:read',
    responses: {
      200: {
        description: 'The position of each partition.',
        schema: logPositionsSchema,
        example: logExamples.positions,
      },
    },
    errors: { 503: 'PostgreSQL is unavailable.' },
  })
  async getLogPositions(): Promise<LogPosition[]> {
    const projected = await readPositions(this.gateway.query, deployments.name)
    const positions = await logPositions(this.ledger.query)
    return positions.map(position => ({ ...position, projected: projected.get(position.partition)?.seq ?? 0 }))
  }

  @Get('verify')
  @Endpoint({
    operationId: 'verifyLog',
    summary: 'Verify the log',
    description:
      'Reads all events of all tenants from Kafka and checks that each has the number after the previous one and contains its hash, and that ' +
      'the last one is the one that the ledger has confirmed. Streams JSON lines: progress after each batch, then the verdict `valid`, ' +
      '`broken` with the first 100 `faults`, or `incomplete`. One verification at a time. For operators.',
    permission: 'log:read',
    responses: {
      200: {
        description: 'JSON lines; the last one is the verdict.',
        content: { [ndjson]: { schema: verificationSchema, example: logExamples.verification } },
      },
    },
    errors: { 503: 'PostgreSQL or Kafka is unavailable, or another verification is running.' },
  })
  async verifyLog(@Req() { method }: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    reply.headers({ 'Content-Type': ndjson, 'X-Accel-Buffering': 'no' })
    // A response without a body needs no verification.
    if (method === 'HEAD') return reply.send()
    if (this.verifying) throw unavailable('Another verification of the log is running. Try again later.')
    const own = Symbol('verification')
    this.verifying = own
    const onRead = () => {
      if (this.verifying === own) this.verifying = undefined
    }
    try {
      // In this order, so that every position that the ledger has confirmed is before the end offsets.
      const known = await logPositions(this.ledger.query)
      const ends = await this.eventLog.endOffsets().catch(error => {
        throw unavailable('Kafka is unavailable.', error)
      })
      const { signal } = this.draining
      const lines = Readable.from(linesOf(verifyLog(this.eventLog, { known, ends, signal, onRead })))
      // If the client has disconnected, the stream is closed before it begins.
      lines.once('close', onRead)
      await reply.send(lines)
    } catch (error) {
      onRead()
      throw error
    }
  }
}

async function* linesOf(values: AsyncIterable<object>): AsyncGenerator<string> {
  for await (const value of values) yield `${JSON.stringify(value)}\n`
}

function unavailable(detail: string, cause?: unknown): HttpProblem {
  return new HttpProblem(503, detail, { headers: { 'Retry-After': '5' }, cause })
}

import { Readable } from 'node:stream'
import { Controller, Get, Req, Res } from '@nestjs/common'
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { EventLog, verifyLog } from '#libs/event-log'
import { Draining, HttpProblem, ndjson, Problems } from '#libs/http'
import { logPositions } from '#libs/ledger'
import { deployments, readPositions } from '#libs/read-models'
import { LedgerIndex } from './ledger-index.js'
import { ReadSide } from './read-side.js'

/** How far a partition is. */
interface LogPosition {
  partition: number
  /** Last event that the ledger has read back. */
  seq: number
  offset: number
  hash: string
  updatedAt: string
  /** Last event that the read models reflect. */
  projected: number
}

const hash = '3f0a1b7c9d2e4f5061728394a5b6c7d8e9f00112233445566778899aabbccdde'
const examplePosition: LogPosition = {
  partition: 3,
  seq: 17,
  offset: 41,
  hash,
  updatedAt: '2026-02-12T10:05:01.230Z',
  projected: 17,
}
const verdict = { verdict: 'valid', events: 17, partitions: { 3: 17 }, seconds: 0.4, faults: [], faultCount: 0 }
const exampleLines = [
  { type: 'progress', partition: 3, seq: 17, offset: 41, endOffset: 41, events: 17 },
  { type: 'verdict', ...verdict },
]
  .map(line => JSON.stringify(line))
  .join('\n')

@ApiTags('system')
@Controller('api/v1/log')
export class LogController {
  /** The verification that reads the log now. */
  private verifying: symbol | undefined

  constructor(
    private readonly readSide: ReadSide,
    private readonly ledger: LedgerIndex,
    private readonly eventLog: EventLog,
    private readonly draining: Draining,
  ) {}

  @Get('positions')
  @ApiOperation({ summary: 'How far the log is, and how much of it the read models reflect, by partition' })
  @ApiResponse({
    status: 200,
    description: 'A position for each partition.',
    content: {
      'application/json': {
        schema: {
          type: 'array',
          items: {
            type: 'object',
            required: ['partition', 'seq', 'offset', 'hash', 'updatedAt', 'projected'],
            properties: {
              partition: { type: 'integer' },
              seq: { type: 'integer', description: 'Last event that the ledger has read back from the log; 0: none.' },
              offset: { type: 'integer', description: 'Next Kafka offset.' },
              hash: { type: 'string', description: 'Hash of that event: what the next one will name.' },
              updatedAt: { type: 'string', format: 'date-time' },
              projected: { type: 'integer', description: 'Last event that the read models reflect.' },
            },
          },
        },
        example: [examplePosition],
      },
    },
  })
  @Problems({ 503: 'Postgres cannot be reached.' })
  async logPositions(): Promise<LogPosition[]> {
    const projected = await readPositions(this.readSide.query, deployments.name)
    const positions = await logPositions(this.ledger.query)
    return positions.map(position => ({ ...position, projected: projected.get(position.partition)?.seq ?? 0 }))
  }

  @Get('verify')
  @ApiOperation({
    summary: 'Walk the hash chains of the whole log',
    description:
      'Reads every event from Kafka: its number follows the one before it, it names the hash of the one before it, and the ' +
      'last one is what the ledger has read back. A line of progress for each batch, then a line with the verdict: `valid`, ' +
      '`broken` with the first hundred `faults`, or `incomplete`.',
  })
  @ApiResponse({
    status: 200,
    description: 'Lines of JSON; the last one is the verdict.',
    content: { [ndjson]: { schema: { type: 'string' }, example: exampleLines } },
  })
  @Problems({ 503: 'Postgres or Kafka cannot be reached, or another verification is under way.' })
  async verifyLog(@Req() { method }: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    reply.headers({ 'Content-Type': ndjson, 'X-Accel-Buffering': 'no' })
    // Its answer would have no lines.
    if (method === 'HEAD') return reply.send()
    if (this.verifying) throw unavailable('Another verification of the log is under way.')
    const own = Symbol('verification')
    this.verifying = own
    const onRead = () => {
      if (this.verifying === own) this.verifying = undefined
    }
    try {
      // What the ledger knows first: whatever it has read back by then stands before these ends.
      const known = await logPositions(this.ledger.query)
      const ends = await this.eventLog.endOffsets().catch(error => {
        throw unavailable('Kafka cannot be reached.', error)
      })
      const { signal } = this.draining
      const lines = Readable.from(linesOf(verifyLog(this.eventLog, { known, ends, signal, onRead })))
      // Of a caller who has left by now it never begins, nor ends.
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

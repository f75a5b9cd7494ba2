import type { Readable } from 'node:stream'
import { Controller, Post, Req, Res } from '@nestjs/common'
import { RouteConfig } from '@nestjs/platform-fastify'
import { ApiBody, ApiConsumes, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import {
  type BodyRouteConfig,
  bodyProblem,
  type Caller,
  Draining,
  HttpProblem,
  IdempotencyKey,
  ndjson,
  Problems,
  WriteCaller,
} from '#libs/http'
import { Ledger } from '#libs/ledger'
import { Settings, Logger, Metrics } from '#libs/operations'
import { TenantRules } from '../pipeline/tenant-rules.js'
import { importDeployments } from './import-deployments.js'
import type { ImportOrigin } from './import-line.js'
import { ImportSlots } from './import-slots.js'

const exampleLines = [
  '{"environment":"dev","imageTag":"v2.1.0-abc1234","deployedAt":"2026-02-12T10:00:00Z"}',
  '{"environment":"dev","imageTag":"v2.1.1-def5678","deployedAt":"2026-02-30T10:00:00Z"}',
].join('\n')
const exampleAnswers = [
  '{"line":1,"result":"recorded","id":"0198c0de-0000-7000-8000-000000000001","position":"3:17"}',
  '{"line":2,"result":"refused","problem":{"type":"https://shiplog.dev/problems/malformed-request","status":400}}',
].join('\n')

@ApiTags('deployments')
@Controller('api/v1/platform/deployments')
export class ImportController {
  private readonly slots = new ImportSlots()

  constructor(
    private readonly configuration: Settings,
    private readonly ledger: Ledger,
    private readonly metrics: Metrics,
    private readonly log: Logger,
    private readonly draining: Draining,
    private readonly rules: TenantRules,
  ) {}

  @Post('import')
  @RouteConfig({ consumes: ndjson } satisfies BodyRouteConfig)
  @ApiOperation({
    summary: 'Record many deployments, a line each',
    description:
      'Streams both ways: any number of lines, each answered by a line, in order, while the request goes on. A line ' +
      'refused refuses that line alone. A line has the fields of `POST /deployments`. Without an `id`, a line that has ' +
      '`deployedAt` is known by its content, so that a file can be sent again as a whole; with an `Idempotency-Key`, a ' +
      'line is known by the key and its number.',
  })
  @ApiConsumes(ndjson)
  @ApiBody({ schema: { type: 'string' }, examples: { 'two lines': { value: exampleLines } } })
  @ApiResponse({
    status: 200,
    description: 'A line for each line: `result` is recorded, repeated, accepted (Kafka is away) or refused.',
    content: { [ndjson]: { schema: { type: 'string' }, example: exampleAnswers } },
  })
  @Problems({
    408: 'No byte of the body came for 60 s, before the first answer; behind it, the answer is broken off.',
    415: 'The body is not application/x-ndjson.',
    429: 'The tenant has 16 imports under way.',
    503: 'The process is stopping, or 64 imports are under way.',
  })
  async importDeployments(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @WriteCaller() caller: Caller,
    @IdempotencyKey() key?: string,
  ): Promise<void> {
    const source = request.body as Readable | undefined
    if (!source) throw bodyProblem([{ pointer: '', detail: 'is missing: send lines of JSON' }])
    const giveBack = this.slots.take(caller.tenant)
    try {
      await this.answerLines(source, reply, {
        caller,
        sequence: {},
        freezeAt: this.rules.freezeAt,
        ...(key && { key }),
      })
    } finally {
      giveBack()
    }
  }

  private async answerLines(source: Readable, reply: FastifyReply, origin: ImportOrigin): Promise<void> {
    const { importIdleTimeoutMs: idleMs } = this.configuration
    const { signal: stopping } = this.draining
    const { raw } = reply
    // A client that goes away is noticed by `destroyed`; unheard, its error would end the process.
    raw.on('error', error => this.log.debug('the client of an import went away', { reason: error.message }))
    // The head leaves with the first answer: until then a problem can be answered, and HAProxy 2.6 takes a head alone, while the
    // request goes on, for the whole answer.
    const begin = () => {
      if (raw.headersSent) return
      reply.hijack()
      // nginx would hold answers back until it has a buffer full of them.
      const headers = { ...reply.getHeaders(), 'Content-Type': ndjson, 'X-Accel-Buffering': 'no' }
      raw.writeHead(200, headers as Record<string, string>)
    }
    const { ledger, metrics, log } = this
    const end = await importDeployments(source, raw, origin, {
      ledger,
      metrics,
      log,
      stopping,
      idleMs,
      begin,
      mostLines: () => this.slots.lines,
    })
    if (raw.destroyed) return
    if (end !== 'complete' && !raw.headersSent) throw neverBegun(end, idleMs)
    begin()
    if (end === 'complete') raw.end()
    // An answer that ends well would say that all lines were read: it is broken off, once all of it is out.
    else raw.write('', () => raw.destroy())
  }
}

/** The problem of an import of which no line was answered. */
function neverBegun(end: 'cut' | 'late', idleMs: number): HttpProblem {
  const headers = { Connection: 'close' }
  if (end === 'cut')
    return new HttpProblem(503, 'The process is stopping.', { headers: { ...headers, 'Retry-After': '1' } })
  return new HttpProblem(408, `No byte of the body came for ${idleMs / 1000} s.`, { headers })
}

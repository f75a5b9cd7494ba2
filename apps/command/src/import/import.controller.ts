import type { Readable } from 'node:stream'
import { Controller, Post, Res } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import type { FastifyReply } from 'fastify'
import { importResultsExample, importResultsSchema } from '#libs/api'
import { bodyProblem, Draining, Endpoint, HttpProblem, ndjson, RouteAccess, Write, type WriteRequest } from '#libs/http'
import { Ledger } from '#libs/ledger'
import { Logger, Metrics, Settings } from '#libs/operations'
import { FreezeCache } from '../pipeline/freeze-cache.js'
import { importDeployments } from './import-deployments.js'
import type { ImportContext } from './import-line.js'
import { ImportLimits } from './import-limits.js'

const exampleLines = [
  '{"environment":"dev","imageTag":"v2.1.0-abc1234","deployedAt":"2026-02-12T10:00:00Z"}',
  '{"environment":"dev","imageTag":"v2.1.1-def5678","deployedAt":"2026-02-30T10:00:00Z"}',
].join('\n')
@ApiTags('deployments')
@Controller('api/v1/platform/deployments')
export class ImportController {
  private readonly limits = new ImportLimits()

  constructor(
    private readonly configuration: Settings,
    private readonly ledger: Ledger,
    private readonly metrics: Metrics,
    private readonly log: Logger,
    private readonly draining: Draining,
    private readonly freezes: FreezeCache,
    private readonly access: RouteAccess,
  ) {}

  @Post('import')
  @Endpoint({
    operationId: 'importDeployments',
    summary: 'Import deployments',
    description:
      'Newline-delimited JSON, any number of lines; each line has the fields of `POST /api/v1/platform/deployments`. The response has ' +
      'one line for each line, in order, and is streamed while the request is being sent. A rejected line does not affect the others. ' +
      'The import is idempotent: a line is identified by its `id`; else by the `Idempotency-Key` and its line number; else, if it has ' +
      '`deployedAt`, by its content.',
    permission: 'deployments:record',
    body: { schema: { type: 'string' }, consumes: ndjson, examples: { 'two lines': exampleLines } },
    streamed: true,
    responses: {
      200: {
        description:
          'One line for each line of the request. `result` is `recorded`, `repeated`, `accepted` (Kafka is unavailable) or `refused`.',
        content: { [ndjson]: { schema: importResultsSchema, example: importResultsExample } },
      },
    },
    errors: {
      408: 'No data arrived for 60 s before the first result. After the first result the connection is closed instead.',
      415: 'The Content-Type is not `application/x-ndjson`.',
      429: 'The tenant has 16 imports in progress.',
      503: 'The server is shutting down, or has 64 imports in progress. Retry later.',
    },
  })
  async importDeployments(@Write() write: WriteRequest, @Res() reply: FastifyReply): Promise<void> {
    const { principal, context, idempotency, request } = write
    const source = request.body as Readable | undefined
    if (!source) throw bodyProblem([{ pointer: '', detail: 'is missing: send one JSON object on each line' }])
    const giveBack = this.limits.take(principal.tenant)
    try {
      await this.importLines(source, reply, {
        context,
        sequence: {},
        freezeAt: this.freezes.freezeAt,
        authorize: scope => this.access.require(principal, 'deployments:record', scope),
        ...(idempotency && { key: idempotency.key }),
      })
    } finally {
      giveBack()
    }
  }

  private async importLines(source: Readable, reply: FastifyReply, context: ImportContext): Promise<void> {
    const { importIdleTimeoutMs: idleMs } = this.configuration
    const { signal: stopping } = this.draining
    const { raw } = reply
    // `destroyed` shows that the client is gone; without a listener the error would end the process.
    raw.on('error', error =>
      this.log.debug('import client disconnected', { event: 'import.client_disconnected', reason: error.message }),
    )
    // The head is sent with the first result: until then a problem can be the response. HAProxy 2.6 also takes a head without a body,
    // sent during the request, for a complete response.
    const begin = () => {
      if (raw.headersSent) return
      reply.hijack()
      // Otherwise nginx buffers the results.
      const headers = { ...reply.getHeaders(), 'Content-Type': ndjson, 'X-Accel-Buffering': 'no' }
      raw.writeHead(200, headers as Record<string, string>)
    }
    const { ledger, metrics, log } = this
    const end = await importDeployments(source, raw, context, {
      ledger,
      metrics,
      log,
      stopping,
      idleMs,
      begin,
      mostLines: () => this.limits.lines,
    })
    if (raw.destroyed) return
    if (end !== 'complete' && !raw.headersSent) throw neverBegun(end, idleMs)
    begin()
    if (end === 'complete') raw.end()
    // A complete response would mean that all lines were read: close the connection instead, once everything is written.
    else raw.write('', () => raw.destroy())
  }
}

/** The problem of an import that ended before its first result. */
function neverBegun(end: 'cut' | 'late', idleMs: number): HttpProblem {
  const headers = { Connection: 'close' }
  if (end === 'cut')
    return new HttpProblem(503, 'The server is shutting down. Retry later.', {
      headers: { ...headers, 'Retry-After': '1' },
    })
  return new HttpProblem(408, `No data of the body arrived for ${idleMs / 1000} s.`, { headers })
}

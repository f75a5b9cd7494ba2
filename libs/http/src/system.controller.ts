import { Controller, Get, Header } from '@nestjs/common'
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Metrics } from '#libs/operations'
import { Problems } from './api-documentation.js'
import { Draining } from './draining.js'
import { HttpProblem } from './problem.js'
import { Readiness, type ReadinessReport } from './readiness.js'

@ApiTags('system')
@Controller()
export class SystemController {
  constructor(
    private readonly readiness: Readiness,
    private readonly draining: Draining,
    private readonly metrics: Metrics,
  ) {}

  @Get('healthz')
  @ApiOperation({ summary: 'Whether the process lives; looks at nothing else' })
  @ApiOkResponse({ description: 'It lives.', example: { status: 'ok' } })
  healthz(): object {
    return { status: 'ok' }
  }

  @Get('readyz')
  @ApiOperation({ summary: 'Whether requests can be served, by part' })
  @ApiOkResponse({
    description: 'They can be served.',
    example: { status: 'ok', parts: { postgres: { ok: true }, kafka: { ok: true } } },
  })
  @Problems({ 503: 'Something that requests need is away: `parts` says what.' })
  async readyz(): Promise<object> {
    if (this.draining.signal.aborted) throw notReady('The process is stopping.', {})
    const { ready, parts } = await this.readiness.look()
    if (ready) return { status: 'ok', parts }
    const wrong = Object.entries(parts).filter(([, { ok }]) => !ok)
    throw notReady(
      `Not ready: ${wrong.map(([part, { detail }]) => (detail ? `${part} (${detail})` : part)).join(', ')}.`,
      parts,
    )
  }

  @Get('metrics')
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  @ApiOperation({ summary: 'Metrics in the text format of Prometheus' })
  @ApiOkResponse({ description: 'A line for each series.', content: { 'text/plain': { schema: { type: 'string' } } } })
  async exposeMetrics(): Promise<string> {
    return this.metrics.registry.metrics()
  }
}

function notReady(detail: string, parts: ReadinessReport['parts']): HttpProblem {
  return new HttpProblem(503, detail, { members: { parts }, headers: { 'Retry-After': '1' } })
}

import { Controller, Get, Header, Redirect } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import { named } from '#libs/contracts'
import { Metrics } from '#libs/operations'
import { Endpoint } from '../endpoint/endpoint.js'
import { Draining } from './draining.js'
import { HttpProblem } from '../problem/problem.js'
import { Readiness, type ReadinessReport } from './readiness.js'

const status = { type: 'string', enum: ['ok'], description: 'The process, or each part of it, works.' }
const healthSchema = named('Health', { type: 'object', required: ['status'], properties: { status } })
const readinessSchema = named('Readiness', {
  type: 'object',
  required: ['status', 'parts'],
  properties: {
    status,
    parts: {
      type: 'object',
      description: 'State of each part, by name.',
      additionalProperties: named('PartReadiness', {
        type: 'object',
        required: ['ok'],
        properties: {
          ok: { type: 'boolean', description: 'Whether the part works.' },
          detail: { type: 'string', description: 'What is wrong, or further information.' },
        },
        additionalProperties: true,
      }),
    },
  },
})

@ApiTags('system')
@Controller()
export class SystemController {
  constructor(
    private readonly readiness: Readiness,
    private readonly draining: Draining,
    private readonly metrics: Metrics,
  ) {}

  @Get()
  @Redirect('/docs')
  @Endpoint({ public: true, hidden: true })
  redirectToDocs(): void {}

  @Get('healthz')
  @Endpoint({
    operationId: 'getHealth',
    summary: 'Get the liveness of the process',
    description: 'Responds while the process runs; checks nothing else. For a liveness probe.',
    public: true,
    responses: { 200: { description: 'The process runs.', schema: healthSchema, example: { status: 'ok' } } },
  })
  getHealth(): object {
    return { status: 'ok' }
  }

  @Get('readyz')
  @Endpoint({
    operationId: 'getReadiness',
    summary: 'Get the readiness of the process',
    description: 'Checks each part that requests depend on, such as PostgreSQL and Kafka. For a readiness probe.',
    public: true,
    responses: {
      200: {
        description: 'All parts work.',
        schema: readinessSchema,
        example: { status: 'ok', parts: { postgres: { ok: true }, kafka: { ok: true } } },
      },
    },
    errors: { 503: 'A part that requests depend on does not work; `parts` has the state of each.' },
  })
  async getReadiness(): Promise<object> {
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
  @Endpoint({
    operationId: 'getMetrics',
    summary: 'Get the metrics of the process',
    description:
      'In the Prometheus text format. Names that begin with `shiplog_` are those of Shiplog; the others are those of Node.js.',
    permission: 'system:read',
    responses: {
      200: {
        description: 'One line for each series.',
        content: { 'text/plain': { schema: { type: 'string' }, example: 'shiplog_pending_events 0' } },
      },
    },
  })
  async getMetrics(): Promise<string> {
    return this.metrics.registry.metrics()
  }
}

function notReady(detail: string, parts: ReadinessReport['parts']): HttpProblem {
  return new HttpProblem(503, detail, { members: { parts }, headers: { 'Retry-After': '1' } })
}

import { Controller, Get, Req, Res } from '@nestjs/common'
import { ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Positions } from '#libs/contracts'
import { MinPosition, Problems, ReadCaller, StrictQuery, type Caller } from '#libs/http'
import { changesPage, explainPage, looksBack, metricsAnswer, rollupFigures, seenFigures } from '#libs/read-models'
import { sendJson, sendPage } from '../reads/responses.js'
import { ReadResponse, listProblems } from '../reads/read-openapi.js'
import { ReadGateway } from '../reads/read-gateway.js'
import { changesText, examples, explainText, schemas } from './metrics-openapi.js'
import { ChangesQuery, changesRequest, figuresRequest, MetricsQuery } from './metrics-params.js'

@ApiTags('metrics')
@Controller('api/v1/platform/deployments/metrics')
export class MetricsController {
  constructor(private readonly gateway: ReadGateway) {}

  @Get()
  @ApiOperation({
    summary: 'Get DORA metrics',
    description: explainText,
  })
  @ReadResponse(
    'The metrics, or with `explain` a page of contributing deployments.',
    schemas.metricsOrBehind,
    examples.metrics,
    { paged: true },
  )
  @Problems(listProblems)
  async getDeploymentMetrics(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: Caller,
    @StrictQuery() question: MetricsQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<string> {
    const { explain: metric, limit, cursor, timezone } = question
    const asked = figuresRequest(tenant, question, new Date())
    if (metric !== undefined) {
      const { from, to } = asked
      const behind = { ...asked, metric, limit, cursor }
      const response = await this.gateway.read(minimum, query => explainPage(query, behind))
      return sendPage(request, reply, response, { from, to })
    }
    const { body, positions } = await this.gateway.read(minimum, query =>
      looksBack(asked) ? seenFigures(query, asked) : rollupFigures(query, asked),
    )
    return sendJson(reply, { body: JSON.stringify(metricsAnswer(asked, timezone, body)), positions })
  }

  @Get('changes')
  @ApiOperation({ summary: 'List changes of past metrics', description: changesText })
  @ReadResponse('A page of changed periods.', schemas.changes, examples.changes, { paged: true })
  @Problems(listProblems)
  async listMetricChanges(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: Caller,
    @StrictQuery() question: ChangesQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<string> {
    const asked = changesRequest(tenant, question)
    return sendPage(request, reply, await this.gateway.readSnapshot(minimum, query => changesPage(query, asked)))
  }
}

import { Controller, Get, Req, Res } from '@nestjs/common'
import { ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Positions, CommandContext } from '#libs/contracts'
import { MinPosition, Problems, ReadCaller, StrictQuery } from '#libs/http'
import {
  changesPage,
  explainPage,
  isHistorical,
  metricsResponse,
  rollupMetricValues,
  metricValuesAsOf,
} from '#libs/read-models'
import { sendJson, sendPage } from '../reads/responses.js'
import { ReadResponse, listProblems } from '../reads/read-openapi.js'
import { ReadGateway } from '../reads/read-gateway.js'
import { changesText, examples, explainText, schemas } from './metrics-openapi.js'
import { ChangesQuery, changesRequest, metricsRequest, MetricsQuery } from './metrics-params.js'

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
    schemas.metricsOrContributions,
    examples.metrics,
    { paged: true },
  )
  @Problems(listProblems)
  async getDeploymentMetrics(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: CommandContext,
    @StrictQuery() parameters: MetricsQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<string> {
    const { explain: metric, limit, cursor, timezone } = parameters
    const selection = metricsRequest(tenant, parameters, new Date())
    if (metric !== undefined) {
      const { from, to } = selection
      const explained = { ...selection, metric, limit, cursor }
      const response = await this.gateway.read(minimum, query => explainPage(query, explained))
      return sendPage(request, reply, response, { from, to })
    }
    const { body, positions } = await this.gateway.read(minimum, query =>
      isHistorical(selection) ? metricValuesAsOf(query, selection) : rollupMetricValues(query, selection),
    )
    return sendJson(reply, { body: JSON.stringify(metricsResponse(selection, timezone, body)), positions })
  }

  @Get('changes')
  @ApiOperation({ summary: 'List changes of past metrics', description: changesText })
  @ReadResponse('A page of changed periods.', schemas.changes, examples.changes, { paged: true })
  @Problems(listProblems)
  async listMetricChanges(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: CommandContext,
    @StrictQuery() parameters: ChangesQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<string> {
    const selection = changesRequest(tenant, parameters)
    return sendPage(request, reply, await this.gateway.readSnapshot(minimum, query => changesPage(query, selection)))
  }
}

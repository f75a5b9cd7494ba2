import { Controller, Get } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import {
  contributionsExample,
  contributionsSchema,
  metricChangesExample,
  metricChangesSchema,
  metricsExample,
  metricsSchema,
} from '#libs/api'
import { Endpoint, Read, type ReadRequest, StrictQuery } from '#libs/http'
import {
  changesPage,
  explainPage,
  isHistorical,
  metricsResponse,
  rollupMetricValues,
  metricValuesAsOf,
} from '#libs/read-models'
import { sendJson, sendPage } from '../reads/responses.js'
import { ReadGateway } from '../reads/read-gateway.js'
import { changesText, explainText } from './metrics-openapi.js'
import { ChangesQuery, changesRequest, metricsRequest, MetricsQuery } from './metrics-params.js'

@ApiTags('metrics')
@Controller('api/v1/platform/deployments/metrics')
export class MetricsController {
  constructor(private readonly gateway: ReadGateway) {}

  @Get()
  @Endpoint({
    operationId: 'getDeploymentMetrics',
    summary: 'Get DORA metrics',
    description: explainText,
    permission: 'metrics:read',
    paged: true,
    responses: {
      200: {
        description: 'The metrics, or with `explain` a page of contributing deployments.',
        schema: { oneOf: [metricsSchema, contributionsSchema] },
        examples: { metrics: metricsExample, explanation: contributionsExample },
      },
    },
  })
  async getDeploymentMetrics(@Read() read: ReadRequest, @StrictQuery() parameters: MetricsQuery): Promise<string> {
    const { tenant } = read.principal
    const { explain: metric, limit, cursor, timezone } = parameters
    const selection = metricsRequest(tenant, parameters, new Date())
    if (metric !== undefined) {
      const { from, to } = selection
      const explained = { ...selection, metric, limit, cursor }
      const response = await this.gateway.read(read, query => explainPage(query, explained))
      return sendPage(read, response, { from, to })
    }
    const { body, positions } = await this.gateway.read(read, query =>
      isHistorical(selection) ? metricValuesAsOf(query, selection) : rollupMetricValues(query, selection),
    )
    return sendJson(read, { body: JSON.stringify(metricsResponse(selection, timezone, body)), positions })
  }

  @Get('changes')
  @Endpoint({
    operationId: 'listMetricChanges',
    summary: 'List changes of past metrics',
    description: changesText,
    permission: 'metrics:read',
    paged: true,
    responses: {
      200: { description: 'A page of changed periods.', schema: metricChangesSchema, example: metricChangesExample },
    },
  })
  async listMetricChanges(@Read() read: ReadRequest, @StrictQuery() parameters: ChangesQuery): Promise<string> {
    const { tenant } = read.principal
    const selection = changesRequest(tenant, parameters)
    return sendPage(read, await this.gateway.readSnapshot(read, query => changesPage(query, selection)))
  }
}

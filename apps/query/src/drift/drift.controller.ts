import { Controller, Get, Req, Res } from '@nestjs/common'
import { ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Positions } from '#libs/contracts'
import { type Caller, MinPosition, parameterProblem, Problems, ReadCaller, StrictQuery } from '#libs/http'
import {
  driftHistory,
  driftMatrix,
  environmentDrift,
  InvalidDays,
  type Answer,
  type DriftAnswered,
  type DriftHistory,
} from '#libs/read-models'
import { sendPage, tellPositions } from '../answers.js'
import { ReadAnswer } from '../deployment-documentation.js'
import { bothOf } from '../promotion/promotion-questions.js'
import { ReadSide } from '../read-side.js'
import { timezoneOf } from '../timezone.js'
import { unknownEnvironments } from '../unknown-environments.js'
import { examples, problems, schemas } from './drift-documentation.js'
import { DriftHistoryQuery, DriftQuery } from './drift-questions.js'

@ApiTags('drift')
@Controller('api/v1/platform/deployments/drift')
export class DriftController {
  constructor(private readonly readSide: ReadSide) {}

  @Get()
  @ApiOperation({
    summary: 'How environments differ, since when and why',
    description:
      'With `source` and `target`: application by application what runs on both sides, since when that differs, what began it, and which ' +
      'side is ahead; and how many of their configurations and flags differ. Without both: all environments of the pipeline, each ' +
      'with every earlier one, and application by application what lags behind what. `asOf` left out: nothing is cut off by the clock.',
  })
  @ReadAnswer('The difference.', schemas.drift, examples.drift, {
    paged: true,
    others: { matrix: examples.matrix },
  })
  @Problems(problems)
  async environmentDrift(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: Caller,
    @StrictQuery() question: DriftQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<string> {
    const { source, target, ...rest } = question
    if (source === undefined && target === undefined) {
      const { body, positions } = await this.readSide.askAtOnce(minimum, query =>
        driftMatrix(query, { tenant, ...rest }),
      )
      return sendPage(request, reply, { body: { json: JSON.stringify(body.matrix), next: body.next }, positions })
    }
    const named = bothOf(question)
    const asked = { tenant, ...rest, ...named }
    const answer = await this.readSide.askAtOnce(minimum, query => environmentDrift(query, asked))
    const { drift, next } = await this.known(reply, answer, { tenant, minimum, named })
    return sendPage(request, reply, { body: { json: JSON.stringify(drift), next }, positions: answer.positions })
  }

  @Get('history')
  @ApiOperation({
    summary: 'How many applications differed between two environments, day by day',
    description: 'At the end of each day that [`from`, `to`) touches; the present day as of now, or as of `asOf`.',
  })
  @ReadAnswer('The days.', schemas.history, examples.history)
  @Problems(problems)
  async driftHistory(
    @Res({ passthrough: true }) reply: FastifyReply,
    @ReadCaller() { tenant }: Caller,
    @StrictQuery() question: DriftHistoryQuery,
    @MinPosition() minimum?: Positions,
  ): Promise<DriftHistory> {
    const named = bothOf(question)
    const asked = { tenant, ...question, ...named, timezone: timezoneOf(question) }
    try {
      const answer = await this.readSide.askAtOnce(minimum, query => driftHistory(query, asked))
      return { ...(await this.known(reply, answer, { tenant, minimum, named })).drift, timezone: question.timezone }
    } catch (error) {
      if (error instanceof InvalidDays) throw parameterProblem([{ parameter: 'from', detail: error.message }])
      throw error
    }
  }

  /** A drift of environments that there are; throws a 404 naming those that there are not, and those that there are. */
  private async known<Drift>(
    reply: FastifyReply,
    { body, positions }: Answer<DriftAnswered<Drift>>,
    asked: { tenant: string; minimum: Positions | undefined; named: Record<string, string> },
  ): Promise<{ drift: Drift; next?: string }> {
    tellPositions(reply, positions)
    if (body.unknown === undefined) return body
    const { unknown } = body
    throw await unknownEnvironments(this.readSide, reply, { ...asked, unknown }, ['deployments', 'configurations'])
  }
}

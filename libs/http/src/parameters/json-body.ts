import { createParamDecorator, type ExecutionContext, type PipeTransform } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'
import { bodyOf, type CheckedBody } from '../endpoint/endpoint-metadata.js'
import { bodyProblem } from '../problem/problem.js'

interface SentBody extends CheckedBody {
  body: unknown
}

/** Validates a parsed body by the schema of its endpoint; throws a 400 with a pointer for each finding. */
class JsonBodyPipe implements PipeTransform<SentBody> {
  transform({ body: sent, validate, optional }: SentBody): unknown {
    const body = sent === undefined && optional ? {} : sent
    if (body === undefined) throw bodyProblem([{ pointer: '', detail: 'is missing: send a JSON object' }])
    const findings = validate(body)
    if (findings.length > 0) throw bodyProblem(findings)
    return body
  }
}

const bodyParameter = createParamDecorator((_: unknown, context: ExecutionContext): SentBody => {
  const { body } = context.switchToHttp().getRequest<FastifyRequest>()
  return { body, ...bodyOf(context.getHandler()) }
})

/** Parameter: the request's JSON body, validated by the schema of the route's `@Endpoint`. */
export const JsonBody = (): ParameterDecorator => bodyParameter(new JsonBodyPipe())

import { applyDecorators } from '@nestjs/common'
import { ApiResponse } from '@nestjs/swagger'
import { openApiSchema } from '#libs/http'
import { Accepted, entityTagHeader, writeHeaders } from '../commands/command-openapi.js'

/** Descriptions of the problem responses, by status. */
export const problems = {
  409: 'The pipeline drops an environment that has configuration or a freeze. `errors` names it.',
  412: 'The revision differs from `If-Match`. `revision` has the current one.',
  413: 'The body is larger than 1 MiB.',
  415: 'The Content-Type is not `application/json`.',
  422: 'A rule rejects the request, or the `Idempotency-Key` was used before with a different body or by another actor.',
  503: 'Postgres is unavailable, or the index is catching up with the log. Retry later.',
}

/** The same for key schemas. */
export const schemaProblems = {
  ...problems,
  413: 'The schema is larger than 64 KiB, or the body larger than 1 MiB.',
  429: 'Too many promotions and schemas are being checked. Retry later.',
}

/** Documents 200 and 202 of a change of the pipeline, the freezes or a key schema. */
export function PipelineResponse(description: string, schema: object, example: object): MethodDecorator {
  return applyDecorators(
    ApiResponse({
      status: 200,
      description,
      headers: { ...writeHeaders, ...entityTagHeader },
      content: { 'application/json': { schema: openApiSchema(schema), example } },
    }),
    Accepted({}),
  )
}

export function SchemaDeleted(description: string): MethodDecorator {
  return applyDecorators(ApiResponse({ status: 204, description, headers: writeHeaders }), Accepted({}))
}

import { HttpException } from '@nestjs/common'
import { HttpProblem, sentence } from './problem.js'

/** Details for Fastify's own errors, by code. https://fastify.dev/docs/latest/Reference/Errors/ */
const fastifyDetails: Record<string, string> = {
  FST_ERR_CTP_BODY_TOO_LARGE:
    'The body is larger than this operation accepts. Send many records to the import, one a line.',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'The `Content-Type` is missing or not supported by this operation.',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'The length of the body differs from `Content-Length`.',
  FST_ERR_BAD_URL: 'The path has a percent-encoding that is not valid UTF-8.',
  FST_ERR_MAX_PARAM_LENGTH: 'A segment of the path is too long.',
}

/**
 * The problem for any thrown value. An error with `retryAfterSeconds` becomes a 503 with `Retry-After`; any other that is not
 * meant for clients a 500 without internal details.
 */
export function problemOf(exception: unknown): HttpProblem {
  if (exception instanceof HttpProblem) return exception
  if (isRetryable(exception)) {
    const seconds = Math.max(1, Math.ceil(exception.retryAfterSeconds))
    return new HttpProblem(503, sentence(exception.message), {
      headers: { 'Retry-After': String(seconds) },
      members: { retryAfterSeconds: seconds },
      cause: exception,
    })
  }
  const fastifyError = exception instanceof HttpException ? exception.cause : exception
  const status = statusOf(fastifyError) ?? statusOf(exception)
  if (status !== undefined && status >= 400 && status < 500) {
    const known = fastifyDetails[codeOf(fastifyError)]
    return new HttpProblem(status, known ?? sentence(messageOf(exception)), { cause: exception })
  }
  return new HttpProblem(500, 'An unexpected error occurred. Search the logs for the request id.', {
    cause: exception,
  })
}

function isRetryable(exception: unknown): exception is Error & { retryAfterSeconds: number } {
  return (
    exception instanceof Error && 'retryAfterSeconds' in exception && typeof exception.retryAfterSeconds === 'number'
  )
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus()
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined
  return typeof error.statusCode === 'number' ? error.statusCode : undefined
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'The request is malformed.'
}

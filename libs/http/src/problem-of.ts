import { HttpException } from '@nestjs/common'
import { HttpProblem, sentence } from './problem.js'

/** What Fastify's own errors say to a caller. https://fastify.dev/docs/latest/Reference/Errors/ */
const fastifyDetails: Record<string, string> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'The body is larger than this call takes; many records go to the import, line by line.',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'The Content-Type is missing or is not one that this call takes.',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'The body is not as long as Content-Length says.',
  FST_ERR_BAD_URL: 'The path has a percent-encoding that is not UTF-8.',
  FST_ERR_MAX_PARAM_LENGTH: 'A part of the path is too long.',
}

/**
 * The problem that any thrown value is answered with. What is not meant for callers becomes a 500 that tells nothing of
 * our inside; whatever has `retryAfterSeconds` a 503 with Retry-After.
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
  return new HttpProblem(500, 'Something failed on our side. The request id finds it in the logs.', {
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

import { HttpException } from '@nestjs/common'
import { excerpt, type Finding, type Rejection } from '#libs/contracts'

/** Where in the request something was wrong: a place in the body, a parameter of the URL or a header. */
export interface ProblemError {
  /** RFC 6901, into the body. */
  pointer?: string
  parameter?: string
  header?: string
  detail: string
}

/** RFC 9457. */
export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  /** The path that was asked for. */
  instance?: string
  errors?: ProblemError[]
  requestId?: string
  /** What the caller can act on, such as the `candidates` of an ambiguous tag. */
  [member: string]: unknown
}

/** The kinds of problems, by status: the last part of `type`, and the title. Names for ever. */
export const problemKinds: Record<number, { slug: string; title: string }> = {
  400: { slug: 'malformed-request', title: 'The request is malformed' },
  403: { slug: 'forbidden', title: 'The request is not allowed' },
  404: { slug: 'not-found', title: 'There is no such thing' },
  405: { slug: 'method-not-allowed', title: 'The path does not take this method' },
  408: { slug: 'request-timeout', title: 'The request took too long to arrive' },
  409: { slug: 'conflict', title: 'The request conflicts with the present state' },
  412: { slug: 'precondition-failed', title: 'It was changed in the meantime' },
  413: { slug: 'too-large', title: 'The body is too large' },
  414: { slug: 'uri-too-long', title: 'The URL is too long' },
  415: { slug: 'unsupported-media-type', title: 'The body has a type that is not taken here' },
  417: { slug: 'expectation-failed', title: 'What the request expects cannot be met' },
  421: { slug: 'misdirected-request', title: 'The request is for another host' },
  422: { slug: 'refused-by-rule', title: 'A rule refuses the request' },
  428: { slug: 'precondition-required', title: 'The request must say which version it changes' },
  429: { slug: 'too-many-requests', title: 'Too many requests' },
  431: { slug: 'headers-too-large', title: 'The headers are too large' },
  500: { slug: 'internal-error', title: 'Something failed on our side' },
  503: { slug: 'unavailable', title: 'Not available right now' },
}

/** `type` of a problem: a stable name, documented, not necessarily a page. */
export function problemType(status: number): string {
  const kind = problemKinds[status]
  return kind ? `https://shiplog.dev/problems/${kind.slug}` : 'about:blank'
}

export interface ProblemOptions {
  errors?: ProblemError[]
  /** Further members of the problem. */
  members?: Record<string, unknown>
  headers?: Record<string, string>
  cause?: unknown
}

/** Throw it to answer with a problem. `detail` says what was wrong, where, and what to do. */
export class HttpProblem extends HttpException {
  readonly errors: ProblemError[] | undefined
  readonly members: Record<string, unknown>
  readonly headers: Record<string, string>

  constructor(
    status: number,
    readonly detail: string,
    { errors, members = {}, headers = {}, cause }: ProblemOptions = {},
  ) {
    super(detail, status, { cause })
    this.errors = errors && errors.length > 0 ? errors : undefined
    this.members = members
    this.headers = headers
  }

  /** The problem itself, without what only a whole request can tell (`instance`, `requestId`). */
  toProblem(): Problem {
    const status = this.getStatus()
    return {
      // First, so that no member of a caller's can take the place of a standard one.
      ...this.members,
      type: problemType(status),
      title: problemKinds[status]?.title ?? 'The request failed',
      status,
      detail: this.detail,
      ...(this.errors && { errors: this.errors }),
    }
  }
}

/** How many findings an answer lists. */
const MOST_FINDINGS = 20

/** A malformed body: 400 with a pointer for each finding. */
export function bodyProblem(findings: Finding[]): HttpProblem {
  // A pointer shows whole keys; of a body with longer names it would repeat all of them for each finding.
  const cut = ({ pointer, detail }: Finding) => ({ pointer: excerpt(pointer, 1024), detail: excerpt(detail, 1024) })
  const { errors, text } = listed(findings.map(cut), ({ pointer }) => pointer || 'the body')
  return new HttpProblem(400, `The body is malformed: ${text}.`, { errors })
}

/** A malformed header: 400 naming it. */
export function headerProblem(header: string, detail: string): HttpProblem {
  return new HttpProblem(400, `The header ${header} ${detail}.`, { errors: [{ header, detail }] })
}

/** Malformed parameters of the URL: 400 naming them. */
export function parameterProblem(errors: { parameter: string; detail: string }[]): HttpProblem {
  const { errors: first, text } = listed(errors, ({ parameter }) => parameter)
  return new HttpProblem(400, `The URL is malformed: ${text}.`, { errors: first })
}

/** The first findings, and all of them as a text. */
function listed<F extends { detail: string }>(
  findings: F[],
  nameOf: (finding: F) => string,
): { errors: F[]; text: string } {
  const errors = findings.slice(0, MOST_FINDINGS)
  const more = findings.length > errors.length ? ` and ${findings.length - errors.length} more` : ''
  return { errors, text: errors.map(finding => `${nameOf(finding)} ${finding.detail}`).join('; ') + more }
}

const statusByCode = { 'not-found': 404, conflict: 409, 'precondition-failed': 412, unprocessable: 422 } as const

/** A refusal of the business as a problem: 404, 409, 412 or 422, its details as members. */
export function rejectionProblem({ code, reason, errors, details }: Rejection): HttpProblem {
  return new HttpProblem(statusByCode[code], sentence(reason), {
    ...(errors && { errors }),
    ...(details && { members: details }),
  })
}

/** Text as a sentence: a capital first, a full stop at the end. */
export function sentence(text: string): string {
  const end = /[.!?]$/.test(text) ? '' : '.'
  return text.charAt(0).toUpperCase() + text.slice(1) + end
}

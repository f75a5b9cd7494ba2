import { HttpException } from '@nestjs/common'
import { excerpt, type Finding, type Rejection } from '#libs/contracts'

/** One finding: a place in the body, a parameter of the URL or a header, and what is wrong there. */
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
  /** Path of the request. */
  instance?: string
  errors?: ProblemError[]
  requestId?: string
  /** Extension members for the caller to act on, such as the `candidates` of an ambiguous tag. */
  [member: string]: unknown
}

/** Problem types by status. A slug is the last part of `type` and never changes; docs/problems.md describes each. */
export const problemKinds: Record<number, { slug: string; title: string }> = {
  400: { slug: 'malformed-request', title: 'Malformed request' },
  403: { slug: 'forbidden', title: 'Forbidden' },
  404: { slug: 'not-found', title: 'Not found' },
  405: { slug: 'method-not-allowed', title: 'Method not allowed' },
  408: { slug: 'request-timeout', title: 'Request timeout' },
  409: { slug: 'conflict', title: 'Conflict with the current state' },
  412: { slug: 'precondition-failed', title: 'Precondition failed' },
  413: { slug: 'too-large', title: 'Request body too large' },
  414: { slug: 'uri-too-long', title: 'URL too long' },
  415: { slug: 'unsupported-media-type', title: 'Unsupported media type' },
  417: { slug: 'expectation-failed', title: 'Expectation failed' },
  421: { slug: 'misdirected-request', title: 'Misdirected request' },
  422: { slug: 'refused-by-rule', title: 'Refused by a rule' },
  428: { slug: 'precondition-required', title: 'Precondition required' },
  429: { slug: 'too-many-requests', title: 'Too many requests' },
  431: { slug: 'headers-too-large', title: 'Request headers too large' },
  500: { slug: 'internal-error', title: 'Internal server error' },
  503: { slug: 'unavailable', title: 'Service unavailable' },
}

/** `type` of a problem: a stable URI that identifies the problem type; it need not resolve. */
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

/** Thrown to respond with a problem. `detail`: what failed, which value, what to do. */
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

  /** The problem without the members that need the request: `instance` and `requestId`. */
  toProblem(): Problem {
    const status = this.getStatus()
    return {
      // First, so that no extension member replaces a standard one.
      ...this.members,
      type: problemType(status),
      title: problemKinds[status]?.title ?? 'Request failed',
      status,
      detail: this.detail,
      ...(this.errors && { errors: this.errors }),
    }
  }
}

/** Findings that a response lists at most. */
const MOST_FINDINGS = 20

/**
 * A malformed body: 400 with a pointer for each finding.
 * @param count the number of all findings, if these are only the first of them
 */
export function bodyProblem(findings: Finding[], count = findings.length): HttpProblem {
  // Keys may be long, and each pointer repeats the whole path.
  const cut = ({ pointer, detail }: Finding) => ({ pointer: excerpt(pointer, 1024), detail: excerpt(detail, 1024) })
  const { errors, text } = listed(findings.map(cut), ({ pointer }) => (pointer ? `\`${pointer}\`` : 'the body'), count)
  return new HttpProblem(400, `The body is malformed: ${text}.`, { errors })
}

/** A malformed header: 400 naming it. */
export function headerProblem(header: string, detail: string): HttpProblem {
  return new HttpProblem(400, `The header \`${header}\` ${detail}.`, { errors: [{ header, detail }] })
}

/** Malformed parameters of the URL: 400 naming them. */
export function parameterProblem(errors: { parameter: string; detail: string }[]): HttpProblem {
  const { errors: first, text } = listed(errors, ({ parameter }) => `\`${parameter}\``)
  return new HttpProblem(400, `The URL is malformed: ${text}.`, { errors: first })
}

/** The findings that fit into a response, and one sentence that names them. */
function listed<F extends { detail: string }>(
  findings: F[],
  nameOf: (finding: F) => string,
  count = findings.length,
): { errors: F[]; text: string } {
  const errors = findings.slice(0, MOST_FINDINGS)
  const more = count > errors.length ? ` and ${count - errors.length} more` : ''
  return { errors, text: errors.map(finding => `${nameOf(finding)} ${finding.detail}`).join('; ') + more }
}

const statusByCode = { 'not-found': 404, conflict: 409, 'precondition-failed': 412, unprocessable: 422 } as const

/** The problem of a business rejection: 404, 409, 412 or 422, with its details as members. */
export function rejectionProblem({ code, reason, errors, details }: Rejection): HttpProblem {
  return new HttpProblem(statusByCode[code], sentence(reason), {
    ...(errors && { errors }),
    ...(details && { members: details }),
  })
}

/** Text as a sentence: a capital first and a full stop at the end. The name of a field is put in backticks instead of capitalised. */
export function sentence(text: string): string {
  const end = /[.!?]$/.test(text) ? '' : '.'
  const field = /^[a-z]+[A-Z]\w*/.exec(text)?.[0]
  const start =
    field === undefined ? text.charAt(0).toUpperCase() + text.slice(1) : `\`${field}\`${text.slice(field.length)}`
  return start + end
}

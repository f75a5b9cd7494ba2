import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BadRequestException, NotFoundException } from '@nestjs/common'
import { refuse } from '#libs/contracts'
import {
  bodyProblem,
  headerProblem,
  HttpProblem,
  parameterProblem,
  problemKinds,
  problemOf,
  rejectionProblem,
} from '../index.js'

describe('rejectionProblem', () => {
  it.each([
    ['not-found', 404],
    ['conflict', 409],
    ['unprocessable', 422],
  ] as const)('maps %s to %i', (code, status) => {
    const errors = [{ pointer: '/id', detail: 'is taken' }]
    const problem = rejectionProblem(refuse(code, 'it is so', { errors, details: { candidates: [1] } }))
    expect(problem.toProblem()).toEqual({
      type: `https://shiplog.dev/problems/${problemKinds[status]!.slug}`,
      title: problemKinds[status]!.title,
      status,
      detail: 'It is so.',
      errors,
      candidates: [1],
    })
  })

  it('does not let details replace standard members', () => {
    const details = { status: 200, type: 'x', title: 'x', detail: 'x' }
    expect(rejectionProblem(refuse('conflict', 'no', { details })).toProblem()).toMatchObject({
      status: 409,
      detail: 'No.',
    })
  })
})

describe('problemOf', () => {
  it('returns a problem unchanged', () => {
    const problem = new HttpProblem(428, 'Say which version.')
    expect(problemOf(problem)).toBe(problem)
  })

  it('maps an error with retryAfterSeconds to 503 with whole seconds', () => {
    const problem = problemOf(Object.assign(new Error('Busy.'), { retryAfterSeconds: 0.2 }))
    expect([problem.getStatus(), problem.headers, problem.detail]).toEqual([503, { 'Retry-After': '1' }, 'Busy.'])
  })

  it.each([
    [new NotFoundException('gone'), 404, 'Gone.'],
    [new BadRequestException('bad'), 400, 'Bad.'],
    [
      Object.assign(new Error('long'), { statusCode: 413, code: 'FST_ERR_CTP_BODY_TOO_LARGE' }),
      413,
      /larger than this operation accepts/,
    ],
    [Object.assign(new Error('secret'), { statusCode: 500 }), 500, /request id/],
    [new Error('secret'), 500, /request id/],
    ['secret', 500, /request id/],
    [undefined, 500, /request id/],
  ])('maps %p to %i', (error, status, detail) => {
    const problem = problemOf(error)
    expect(problem.getStatus()).toBe(status)
    expect(problem.detail).toMatch(detail)
    expect(problem.detail).not.toContain('secret')
  })
})

it('bodyProblem lists at most 20 findings and counts the others', () => {
  const problem = bodyProblem(Array.from({ length: 25 }, (_, index) => ({ pointer: `/${index}`, detail: 'is wrong' })))
  expect(problem.errors).toHaveLength(20)
  expect(problem.detail).toMatch(/ and 5 more\.$/)
})

it('docs/problems.md lists every type with its status, title, cause and remedy', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/problems.md'), 'utf8')
  const rows = [...page.matchAll(/^\| `([a-z-]+)` +\| (\d{3}) +\| (.+?) +\| (.+?) +\| (.+?) +\|$/gm)]
  const listed = rows.map(([, slug, status, title]) => [Number(status), { slug, title }])
  expect(listed).toEqual(Object.entries(problemKinds).map(([status, kind]) => [Number(status), kind]))
  for (const [, , , , cause, remedy] of rows)
    expect([cause, remedy]).toEqual([/\w.*\.$/, /\w.*\.$/].map(form => expect.stringMatching(form)))
})

it.each([
  [
    bodyProblem([
      { pointer: '/name', detail: 'is required' },
      { pointer: '', detail: 'is empty' },
    ]),
    'The body is malformed: `/name` is required; the body is empty.',
  ],
  [parameterProblem([{ parameter: 'limit', detail: 'is required' }]), 'The URL is malformed: `limit` is required.'],
  [headerProblem('X-User-ID', 'is missing'), 'The header `X-User-ID` is missing.'],
  [
    rejectionProblem(refuse('unprocessable', 'deployedAt is later than completedAt')),
    '`deployedAt` is later than completedAt.',
  ],
  [rejectionProblem(refuse('unprocessable', '`from` is later than `to`')), '`from` is later than `to`.'],
])('details keep the spelling of field names', (problem, detail) => {
  expect(problem.detail).toBe(detail)
})

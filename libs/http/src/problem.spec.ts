import { BadRequestException, NotFoundException } from '@nestjs/common'
import { refuse } from '#libs/contracts'
import { bodyProblem, HttpProblem, problemKinds, problemOf, rejectionProblem } from './index.js'

describe('the problem of a refusal', () => {
  it.each([
    ['not-found', 404],
    ['conflict', 409],
    ['unprocessable', 422],
  ] as const)('%s is %i', (code, status) => {
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

  it('keeps standard members from being replaced', () => {
    const details = { status: 200, type: 'x', title: 'x', detail: 'x' }
    expect(rejectionProblem(refuse('conflict', 'no', { details })).toProblem()).toMatchObject({
      status: 409,
      detail: 'No.',
    })
  })
})

describe('the problem of an error', () => {
  it('is the problem itself', () => {
    const problem = new HttpProblem(428, 'Say which version.')
    expect(problemOf(problem)).toBe(problem)
  })

  it('with retryAfterSeconds is 503 with whole seconds', () => {
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
  ])('%s is %i', (error, status, detail) => {
    const problem = problemOf(error)
    expect(problem.getStatus()).toBe(status)
    expect(problem.detail).toMatch(detail)
    expect(problem.detail).not.toContain('secret')
  })
})

it('lists at most 20 findings, and says how many there are', () => {
  const problem = bodyProblem(Array.from({ length: 25 }, (_, index) => ({ pointer: `/${index}`, detail: 'is wrong' })))
  expect(problem.errors).toHaveLength(20)
  expect(problem.detail).toMatch(/ and 5 more\.$/)
})

import type { HttpAnswer } from './http-client.js'

/** Where a problem says the fault is. */
export type ProblemPlace = { pointer: string } | { parameter: string } | { header: string }

/** Expects a whole RFC 9457 problem: which, what was wrong in a sentence, and where, if it is in one place. */
export function expectProblem(answer: HttpAnswer, status: number, place?: ProblemPlace): void {
  expect([answer.status, answer.headers['content-type'], answer.json?.detail]).toEqual([
    status,
    expect.stringMatching(/^application\/problem\+json/),
    expect.stringMatching(/^[A-Z/`].*[.!]$/s),
  ])
  expect(answer.json).toMatchObject({
    type: expect.stringMatching(/^https:\/\/shiplog\.dev\/problems\/[a-z-]+$/),
    title: expect.stringMatching(/^[A-Z].{5,}$/),
    status,
    instance: expect.stringMatching(/^\//),
    requestId: answer.headers['x-request-id'],
  })
  if (place) expect(answer.json.errors).toContainEqual({ ...place, detail: expect.stringMatching(/\w{2,}/) })
}

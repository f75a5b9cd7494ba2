import { excerpt, namesList, refuse } from '#libs/contracts'

it('excerpt truncates after 200 characters and returns well-formed text', () => {
  expect(excerpt('short')).toBe('short')
  expect(excerpt('x'.repeat(200))).toBe('x'.repeat(200))
  expect(excerpt('x'.repeat(201))).toBe(`${'x'.repeat(200)}…`)
  expect(excerpt(`${'x'.repeat(199)}\u{1F680}`)).toBe(`${'x'.repeat(199)}\ufffd…`)
})

it('namesList lists the first 10 names and counts the others', () => {
  expect(namesList(['a', 'b'])).toBe('a, b')
  expect(namesList(Array.from({ length: 12 }, (_, n) => `k${n}`))).toBe(
    'k0, k1, k2, k3, k4, k5, k6, k7, k8, k9 and 2 more',
  )
})

it('refuse keeps the first 20 errors and truncates a long reason', () => {
  const errors = Array.from({ length: 10_000 }, (_, n) => ({ detail: `${n}` }))
  const refusal = refuse('unprocessable', 'because '.repeat(10_000), { errors, details: { a: 1 } })
  expect(refusal.errors).toHaveLength(20)
  expect(refusal.reason.length).toBe(1001)
  expect(refusal.details).toEqual({ a: 1 })
})

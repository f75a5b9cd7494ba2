import { excerpt, namesList, refuse } from '#libs/contracts'

it('quotes the beginning of a long text, well-formed', () => {
  expect(excerpt('short')).toBe('short')
  expect(excerpt('x'.repeat(200))).toBe('x'.repeat(200))
  expect(excerpt('x'.repeat(201))).toBe(`${'x'.repeat(200)}…`)
  expect(excerpt(`${'x'.repeat(199)}\u{1F680}`)).toBe(`${'x'.repeat(199)}\ufffd…`)
})

it('lists the first of many names', () => {
  expect(namesList(['a', 'b'])).toBe('a, b')
  expect(namesList(Array.from({ length: 12 }, (_, n) => `k${n}`))).toBe(
    'k0, k1, k2, k3, k4, k5, k6, k7, k8, k9 and 2 more',
  )
})

it('a refusal lists the first of many errors, and a long reason is cut off', () => {
  const errors = Array.from({ length: 10_000 }, (_, n) => ({ detail: `${n}` }))
  const refusal = refuse('unprocessable', 'because '.repeat(10_000), { errors, details: { a: 1 } })
  expect(refusal.errors).toHaveLength(20)
  expect(refusal.reason.length).toBe(1001)
  expect(refusal.details).toEqual({ a: 1 })
})

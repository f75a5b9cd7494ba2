import { leaveAll, remains } from './leaving.js'

// Like first.spec.ts: isolation.spec.ts runs both in one process.
it('finds nothing of the test file before it', () => {
  expect(remains()).toEqual([])
  leaveAll()
  expect(remains()).toHaveLength(11)
})

import { canonicalValue, recordDeploymentSchema } from '#libs/contracts'

it('writes instants and ids of any depth in one form, and leaves all else and the order as they are', () => {
  const sent = {
    rollbackOf: '0198C0DE-0000-7000-8000-00000000000A',
    notes: '2026-02-12T10:00:00+02:00',
    commits: [{ author: 'A', committedAt: '2026-02-12T10:00:00.000+02:00', sha: 'ABC' }],
    completedAt: '2026-02-12T10:00:00.5Z',
    labels: { At: '2026-02-12T10:00:00+02:00' },
    unplanned: false,
  }
  const canonical = canonicalValue(recordDeploymentSchema, sent)
  expect(JSON.stringify(canonical)).toBe(
    JSON.stringify({
      rollbackOf: '0198c0de-0000-7000-8000-00000000000a',
      notes: '2026-02-12T10:00:00+02:00',
      commits: [{ author: 'A', committedAt: '2026-02-12T08:00:00Z', sha: 'ABC' }],
      completedAt: '2026-02-12T10:00:00.500Z',
      labels: { At: '2026-02-12T10:00:00+02:00' },
      unplanned: false,
    }),
  )
})

it('leaves a null', () => {
  expect(canonicalValue({ type: ['string', 'null'], format: 'instant' }, null)).toBeNull()
})

import { lastBefore, type MovedSuccess, nextTo } from './last-before.js'

const on = (clock: string, logOrder: bigint, more: Partial<MovedSuccess> = {}): MovedSuccess => ({
  tenant: 'acme',
  application: 'checkout',
  environmentName: 'production',
  imageTag: 'v1',
  at: `2026-02-12T${clock}Z`,
  logOrder,
  stands: true,
  ...more,
})

const orders = (moved: MovedSuccess[]) => lastBefore(moved).map(({ logOrder }) => logOrder)

test('lastBefore returns the preceding success by time, in any order of input', () => {
  const [first, second, third] = [on('10:00:00', 3n), on('11:00:00', 2n), on('12:00:00', 1n)]
  expect(lastBefore([third, first, second])).toMatchObject([
    { at: second.at, logOrder: 2n },
    { at: '-infinity', logOrder: 0n },
    { at: first.at, logOrder: 3n },
  ])
})

test('lastBefore breaks ties by log order and compares fractions of a second', () => {
  expect(orders([on('10:00:00.5', 1n), on('10:00:00', 9n), on('10:00:00', 8n)])).toEqual([9n, 8n, 0n])
})

test('lastBefore ignores a success that no longer stands', () => {
  const gone = on('11:00:00', 2n, { stands: false })
  expect(orders([on('10:00:00', 1n), gone, on('12:00:00', 3n)])).toEqual([0n, 1n, 1n])
})

test('lastBefore considers the same tenant, application and environment only', () => {
  const elsewhere = [{ tenant: 'initech' }, { application: 'search' }, { environmentName: 'dev' }]
  expect(orders([on('10:00:00', 1n), ...elsewhere.map(more => on('11:00:00', 2n, more))])).toEqual([0n, 0n, 0n, 0n])
})

describe('the points next to a success', () => {
  const next = (moved: MovedSuccess[]) =>
    nextTo(moved).map(({ before, after }) => [before.at, before.logOrder, after.logOrder, after.at])

  test('are those of the batch in its slot, also where a success has disappeared', () => {
    const gone = on('11:00:00', 2n, { stands: false })
    const [first, last] = [on('10:00:00', 1n), on('12:00:00', 3n)]
    const elsewhere = on('11:30:00', 4n, { environmentName: 'dev' })
    expect(next([last, gone, elsewhere, first])).toEqual([
      [gone.at, 2n, 0n, 'infinity'],
      [first.at, 1n, 3n, last.at],
      ['-infinity', 0n, 0n, 'infinity'],
      ['-infinity', 0n, 2n, gone.at],
    ])
  })

  test('are ordered by the log where their times are equal', () => {
    const at = on('10:00:00', 5n)
    expect(next([at, { ...at, logOrder: 4n }])).toEqual([
      [at.at, 4n, 0n, 'infinity'],
      ['-infinity', 0n, 5n, at.at],
    ])
  })
})

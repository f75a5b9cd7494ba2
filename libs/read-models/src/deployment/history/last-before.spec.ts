import { lastBefore, type MovedSuccess } from './last-before.js'

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

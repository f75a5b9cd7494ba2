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

test('is the one before it by time, however they came', () => {
  const [first, second, third] = [on('10:00:00', 3n), on('11:00:00', 2n), on('12:00:00', 1n)]
  expect(lastBefore([third, first, second])).toMatchObject([
    { at: second.at, logOrder: 2n },
    { at: '-infinity', logOrder: 0n },
    { at: first.at, logOrder: 3n },
  ])
})

test('ties are broken by the log, and fractions of a second count', () => {
  expect(orders([on('10:00:00.5', 1n), on('10:00:00', 9n), on('10:00:00', 8n)])).toEqual([9n, 8n, 0n])
})

test('is no success that was taken away', () => {
  const gone = on('11:00:00', 2n, { stands: false })
  expect(orders([on('10:00:00', 1n), gone, on('12:00:00', 3n)])).toEqual([0n, 1n, 1n])
})

test('is of the same tenant, application and environment', () => {
  const elsewhere = [{ tenant: 'initech' }, { application: 'search' }, { environmentName: 'dev' }]
  expect(orders([on('10:00:00', 1n), ...elsewhere.map(more => on('11:00:00', 2n, more))])).toEqual([0n, 0n, 0n, 0n])
})

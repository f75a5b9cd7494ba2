import fc from 'fast-check'
import { formatInstant, normalizeInstant, parseInstant } from './instant.js'

describe('instants', () => {
  it.each([
    ['2026-02-12T10:00:00Z', '2026-02-12T10:00:00Z'],
    ['2026-02-12T10:00:00.000Z', '2026-02-12T10:00:00Z'],
    ['2026-02-12T10:00:00.5Z', '2026-02-12T10:00:00.500Z'],
    ['2026-02-12T10:00:00.123456789Z', '2026-02-12T10:00:00.123Z'],
    ['2026-02-12t10:00:00z', '2026-02-12T10:00:00Z'],
    ['2026-02-12T10:00:00+02:00', '2026-02-12T08:00:00Z'],
    ['2024-02-29T23:59:59-00:30', '2024-03-01T00:29:59Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
  ])('normalize %s to %s', (sent, kept) => {
    expect(normalizeInstant(sent)).toBe(kept)
  })

  it.each([
    '2026-02-12T10:00:00',
    '2026-02-12 10:00:00Z',
    '2026-02-12',
    '2026-02-30T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '2026-W47-6',
    '2026',
    '2026-02-12T24:00:00Z',
    '2026-02-12T10:60:00Z',
    '2026-02-12T23:59:60Z',
    '2026-02-12T10:00:00+25:00',
    '2026-02-12T10:00Z',
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00+14:00',
    '9999-12-31T23:59:59-14:00',
    '+012026-02-12T10:00:00Z',
    '2026-02-12T10:00:00.Z',
    '2026-02-12T10:00:00Z\n',
    'yesterday',
    '',
  ])('reject %j', text => {
    expect(parseInstant(text)).toBeUndefined()
    expect(() => normalizeInstant(text)).toThrow(RangeError)
  })

  it('survive formatting and parsing to the millisecond', () => {
    const years = {
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    }
    fc.assert(fc.property(fc.date(years), date => expect(parseInstant(formatInstant(date))).toEqual(date)))
  })
})

import fc from 'fast-check'
import { activeFreeze, activeFreezes, freezeFinding, parseDuration, type Freeze } from './index.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const christmas: Freeze = { name: 'christmas', from: '2026-12-23T00:00:00Z', to: '2027-01-02T00:00:00+01:00' }
const vienna: Freeze = { name: 'nights', cron: '30 2 * * *', duration: 'PT1H', timezone: 'Europe/Vienna' }

describe('a duration', () => {
  it.each([
    ['PT12H', 12 * HOUR],
    ['P2DT12H', 60 * HOUR],
    ['P1W', 168 * HOUR],
    ['PT1H30M5S', 90 * MINUTE + 5000],
    ['P1D', 24 * HOUR],
    ['PT0S', 0],
  ])('%s is %d ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds)
  })

  it.each([
    '',
    'P',
    'PT',
    'P1DT',
    '12H',
    'PT-1H',
    'PT1.5H',
    'P1M',
    'P1Y',
    'P1WT1H',
    'pt1h',
    'PT1H ',
    'PT1M1H',
    'P999999D',
  ])('%j is none that we know', text => {
    expect(parseDuration(text)).toBeUndefined()
  })
})

describe('a freeze from one instant to another', () => {
  it.each([
    ['2026-12-22T23:59:59.999Z', false],
    ['2026-12-23T00:00:00Z', true],
    ['2026-12-23T00:30:00+01:00', false],
    ['2027-01-01T22:59:59.999Z', true],
    ['2027-01-01T23:00:00Z', false],
  ])('at %s: %s', (at, frozen) => {
    expect(activeFreeze([christmas], 'production', at)).toBe(frozen ? christmas : undefined)
  })
})

describe('a freeze that comes again and again', () => {
  const weekend: Freeze = { name: 'weekend', cron: '0 18 * * FRI', duration: 'P2DT12H' }

  it.each([
    ['2026-02-13T17:59:59.999Z', false],
    ['2026-02-13T18:00:00Z', true],
    ['2026-02-13T18:00:00.001Z', true],
    ['2026-02-15T12:00:00Z', true],
    ['2026-02-16T05:59:59.999Z', true],
    ['2026-02-16T06:00:00Z', false],
  ])('at %s: %s', (at, frozen) => {
    expect(activeFreeze([weekend], 'production', at)).toBe(frozen ? weekend : undefined)
  })

  it.each([
    ['a winter night, an hour ahead of UTC', '2026-02-13T01:30:00Z', true],
    ['a winter night, before', '2026-02-13T01:29:59Z', false],
    ['a summer night, two hours ahead', '2026-07-13T00:30:00Z', true],
    ['a summer night, after', '2026-07-13T01:30:00Z', false],
    ['the night whose 02:30 there is not: begins at 03:00', '2026-03-29T01:00:00Z', true],
    ['that night, not before', '2026-03-29T00:59:59Z', false],
    ['that night, an hour long', '2026-03-29T02:00:00Z', false],
    ['the night with two: the first', '2026-10-25T00:30:00Z', true],
    ['the night with two: not again', '2026-10-25T01:30:00Z', false],
    ['the night after it', '2026-10-26T01:30:00Z', true],
  ])('in a time zone that changes its clocks: %s', (_, at, frozen) => {
    expect(activeFreeze([vienna], 'production', at)).toBe(frozen ? vienna : undefined)
  })

  it('has no gap where it lasts longer than until the next one', () => {
    const always: Freeze = { name: 'always', cron: '0 * * * *', duration: 'PT2H' }
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }), at => {
        expect(activeFreeze([always], 'production', at.toISOString())).toBe(always)
      }),
    )
  })

  it('is on for exactly its duration after each beginning', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 23 }),
        fc.integer({ min: 1, max: 23 }),
        fc.nat(HOUR * 24 - 1),
        (hour, long, ms) => {
          const daily: Freeze = { name: 'daily', cron: `0 ${hour} * * *`, duration: `PT${long}H` }
          const at = new Date(Date.parse('2026-02-12T00:00:00Z') + ms).toISOString()
          const since = (ms - hour * HOUR + 24 * HOUR) % (24 * HOUR)
          expect(activeFreeze([daily], 'production', at) === daily).toBe(since < long * HOUR)
        },
      ),
    )
  })
})

it('a freeze is for its environments, or for all; several may be on', () => {
  const staging: Freeze = { ...christmas, name: 'staging', environments: ['staging'] }
  const none: Freeze = { ...christmas, name: 'none', environments: [] }
  const at = '2026-12-24T18:00:00Z'
  expect(activeFreezes([staging, none, christmas], 'staging', at)).toEqual([staging, christmas])
  expect(activeFreezes([staging, none, christmas], 'production', at)).toEqual([christmas])
  expect(activeFreezes([], 'production', at)).toEqual([])
})

describe('the time of a freeze', () => {
  it.each<[string, Omit<Freeze, 'name'>]>([
    ['from and to', { from: christmas.from, to: christmas.to }],
    ['cron and duration', { cron: '0 18 * * FRI', duration: 'PT12H' }],
    ['a time zone', { cron: '0 0 29 2 *', duration: 'P1W', timezone: 'America/New_York' }],
  ])('may be given by %s', (_, time) => {
    expect(freezeFinding({ name: 'x', ...time })).toBeUndefined()
  })

  it.each<[string, Omit<Freeze, 'name'>, RegExp]>([
    ['nothing', {}, /needs from and to, or cron/],
    ['no end', { from: christmas.from }, /needs from and to/],
    ['an end at the beginning', { from: christmas.from, to: christmas.from }, /before to/],
    ['both', { from: christmas.from, to: christmas.to, cron: '0 0 * * *', duration: 'PT1H' }, /not both/],
    ['a duration alone', { from: christmas.from, to: christmas.to, duration: 'PT1H' }, /belong to cron/],
    ['no duration', { cron: '0 0 * * *' }, /duration must be/],
    ['no time at all', { cron: '0 0 * * *', duration: 'PT0S' }, /duration must be/],
    ['a duration in words', { cron: '0 0 * * *', duration: '1 hour' }, /duration must be/],
    ['six fields', { cron: '0 0 0 * * *', duration: 'PT1H' }, /cannot be read/],
    ['an hour that there is not', { cron: '0 24 * * *', duration: 'PT1H' }, /cannot be read/],
    ['a day that never comes', { cron: '0 0 31 2 *', duration: 'PT1H' }, /no moment/],
    [
      'a time zone of another planet',
      { cron: '0 0 * * *', duration: 'PT1H', timezone: 'Mars/Base' },
      /IANA name, and Mars.Base/,
    ],
  ])('is refused with %s', (_, time, finding) => {
    expect(freezeFinding({ name: 'x', ...time })).toMatch(finding)
  })
})

import fc from 'fast-check'
import {
  activeFreeze as activeFreezeOf,
  activeFreezes as activeFreezesOf,
  defaultPipeline,
  freezeFinding,
  parseDuration,
  type Freeze,
} from '#libs/contracts'

const activeFreeze = (freezes: Freeze[], environment: string, at: string) =>
  activeFreezeOf({ freezes, pipeline: defaultPipeline }, environment, at)
const activeFreezes = (freezes: Freeze[], environment: string, at: string) =>
  activeFreezesOf({ freezes, pipeline: defaultPipeline }, environment, at)
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const christmas: Freeze = { name: 'christmas', from: '2026-12-23T00:00:00Z', to: '2027-01-02T00:00:00+01:00' }
const vienna: Freeze = { name: 'nights', cron: '30 2 * * *', duration: 'PT1H', timezone: 'Europe/Vienna' }

describe('parseDuration', () => {
  it.each([
    ['PT12H', 12 * HOUR],
    ['P2DT12H', 60 * HOUR],
    ['P1W', 168 * HOUR],
    ['PT1H30M5S', 90 * MINUTE + 5000],
    ['P1D', 24 * HOUR],
    ['PT0S', 0],
  ])('converts %s to %d ms', (text, milliseconds) => {
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
  ])('rejects %j', text => {
    expect(parseDuration(text)).toBeUndefined()
  })
})

describe('a freeze with `from` and `to`', () => {
  it.each([
    ['2026-12-22T23:59:59.999Z', false],
    ['2026-12-23T00:00:00Z', true],
    ['2026-12-23T00:30:00+01:00', false],
    ['2027-01-01T22:59:59.999Z', true],
    ['2027-01-01T23:00:00Z', false],
  ])('at %s is active: %s', (at, frozen) => {
    expect(activeFreeze([christmas], 'production', at)).toBe(frozen ? christmas : undefined)
  })
})

describe('a recurring freeze', () => {
  const weekend: Freeze = { name: 'weekend', cron: '0 18 * * FRI', duration: 'P2DT12H' }

  it.each([
    ['2026-02-13T17:59:59.999Z', false],
    ['2026-02-13T18:00:00Z', true],
    ['2026-02-13T18:00:00.001Z', true],
    ['2026-02-15T12:00:00Z', true],
    ['2026-02-16T05:59:59.999Z', true],
    ['2026-02-16T06:00:00Z', false],
  ])('at %s is active: %s', (at, frozen) => {
    expect(activeFreeze([weekend], 'production', at)).toBe(frozen ? weekend : undefined)
  })

  it.each([
    ['a winter night, an hour ahead of UTC', '2026-02-13T01:30:00Z', true],
    ['a winter night, before the start', '2026-02-13T01:29:59Z', false],
    ['a summer night, two hours ahead of UTC', '2026-07-13T00:30:00Z', true],
    ['a summer night, after the end', '2026-07-13T01:30:00Z', false],
    ['the night without 02:30, from 03:00', '2026-03-29T01:00:00Z', true],
    ['the night without 02:30, before 03:00', '2026-03-29T00:59:59Z', false],
    ['the night without 02:30, after one hour', '2026-03-29T02:00:00Z', false],
    ['the night with two 02:30, at the first', '2026-10-25T00:30:00Z', true],
    ['the night with two 02:30, at the second', '2026-10-25T01:30:00Z', false],
    ['the following night', '2026-10-26T01:30:00Z', true],
  ])('in a time zone with daylight saving time: %s', (_, at, frozen) => {
    expect(activeFreeze([vienna], 'production', at)).toBe(frozen ? vienna : undefined)
  })

  it('has no gap if its duration exceeds its period', () => {
    const always: Freeze = { name: 'always', cron: '0 * * * *', duration: 'PT2H' }
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }), at => {
        expect(activeFreeze([always], 'production', at.toISOString())).toBe(always)
      }),
    )
  })

  it('is active for exactly its duration after each start', () => {
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

describe('a duration with days', () => {
  const at = (freeze: Freeze, instant: string) => activeFreeze([freeze], 'production', instant) === freeze
  const weekend: Freeze = { name: 'weekend', cron: '0 18 * * FRI', duration: 'P2DT12H', timezone: 'Europe/Vienna' }

  it.each([
    ['an ordinary weekend', '2025-10-20T03:59:59.999Z', '2025-10-20T04:00:00Z'],
    ['the clocks go back', '2025-10-27T04:59:59.999Z', '2025-10-27T05:00:00Z'],
    ['the clocks go forward', '2026-03-30T03:59:59.999Z', '2026-03-30T04:00:00Z'],
  ])('ends at 06:00 local time: %s', (_, last, over) => {
    expect([at(weekend, last), at(weekend, over)]).toEqual([true, false])
  })

  it.each<[string, Freeze, string, string]>([
    [
      'covers a week in New York with a day of 25 hours',
      { name: 'x', cron: '0 9 31 10 *', duration: 'P1W', timezone: 'America/New_York' },
      '2025-11-07T13:59:59Z',
      '2025-11-07T14:00:00Z',
    ],
    [
      'covers a day and an hour on Lord Howe when the clocks go back half an hour',
      { name: 'x', cron: '0 12 4 4 *', duration: 'P1DT1H', timezone: 'Australia/Lord_Howe' },
      '2026-04-05T02:29:59Z',
      '2026-04-05T02:30:00Z',
    ],
    [
      'covers two days in Apia around the day that it skipped',
      { name: 'x', cron: '0 12 29 12 *', duration: 'P2D', timezone: 'Pacific/Apia' },
      '2011-12-30T21:59:59Z',
      '2011-12-30T22:00:00Z',
    ],
    [
      'covers 300 days in Apia with a skipped day and changes of the clocks',
      { name: 'x', cron: '0 12 1 5 *', duration: 'P300D', timezone: 'Pacific/Apia' },
      '2012-02-24T21:59:59Z',
      '2012-02-24T22:00:00Z',
    ],
    [
      'ends later by the length of the gap if its local end does not exist',
      { name: 'x', cron: '30 2 28 3 *', duration: 'P1D', timezone: 'Europe/Vienna' },
      '2026-03-29T01:29:59Z',
      '2026-03-29T01:30:00Z',
    ],
    [
      'counts exact hours over a change of the clocks',
      { name: 'x', cron: '0 18 * * SAT', duration: 'PT12H', timezone: 'Europe/Vienna' },
      '2025-10-26T03:59:59Z',
      '2025-10-26T04:00:00Z',
    ],
    [
      'counts 24 hours a day in UTC',
      { name: 'x', cron: '0 18 * * FRI', duration: 'P2DT12H' },
      '2025-10-27T05:59:59Z',
      '2025-10-27T06:00:00Z',
    ],
  ])('%s', (_, freeze, last, over) => {
    expect([at(freeze, last), at(freeze, over)]).toEqual([true, false])
  })

  it('leaves no gap between daily freezes in any time zone', () => {
    const zone = fc.constantFrom('Europe/Vienna', 'America/New_York', 'Atlantic/Azores', 'Pacific/Apia', 'Africa/Cairo')
    const instant = fc.date({ min: new Date('1971-01-01'), max: new Date('2037-01-01'), noInvalidDate: true })
    fc.assert(
      fc.property(zone, instant, (timezone, time) => {
        const daily: Freeze = { name: 'daily', cron: '0 0 * * *', duration: 'P1D', timezone }
        expect(at(daily, time.toISOString())).toBe(true)
      }),
    )
  })

  it.each([
    ['Europe/Vienna, back', 'Europe/Vienna', '2025-10-26T01:00:00Z'],
    ['Europe/Vienna, forward', 'Europe/Vienna', '2026-03-29T01:00:00Z'],
    ['the Azores, where midnight occurs twice', 'Atlantic/Azores', '2025-10-26T01:00:00Z'],
    ['Cairo, where midnight does not exist', 'Africa/Cairo', '2026-04-23T22:00:00Z'],
    ['Apia, which skips a day', 'Pacific/Apia', '2011-12-30T10:00:00Z'],
  ])('leaves no gap between daily freezes around a change of the clocks in %s', (_, timezone, change) => {
    const daily: Freeze = { name: 'daily', cron: '0 0 * * *', duration: 'P1D', timezone }
    const instants = Array.from({ length: 4 * 96 }, (_, n) => Date.parse(change) + (n - 192) * 15 * MINUTE)
    const around = instants.flatMap(instant => [instant - 1, instant]).map(instant => new Date(instant).toISOString())
    expect(around.filter(instant => !at(daily, instant))).toEqual([])
  })

  it('agrees with a computation from the local clock', () => {
    const zones = ['Europe/Vienna', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu']
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: 4, max: 23 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 0, max: 23 }),
        fc.nat(2 * 365 * 24 * 60),
        (timezone, hour, days, hours, minutes) => {
          const cron = `0 ${hour} * * MON`
          const freeze: Freeze = { name: 'x', cron, duration: `P${days}DT${hours}H`, timezone }
          const time = Date.parse('2025-01-01T00:00:00Z') + minutes * MINUTE
          expect(at(freeze, new Date(time).toISOString())).toBe(isFrozenByClock(time, timezone, hour, days, hours))
        },
      ),
      { numRuns: 500 },
    )
  })
})

/** Reads the local clock in steps of 15 minutes: the freeze lasts from Monday at `hour` until the same hour `days` later, plus `hours`. */
function isFrozenByClock(time: number, timeZone: string, hour: number, days: number, hours: number): boolean {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short', hour: '2-digit', hourCycle: 'h23' })
  const shows = (at: number) => format.format(at).replace(',', '')
  const wanted = `Mon ${String(hour).padStart(2, '0')}`
  const quarter = 15 * MINUTE
  const first = Math.floor(time / quarter) * quarter
  const isStart = (at: number) => shows(at) === wanted && shows(at - quarter) !== wanted
  for (let began = first; began > first - 8 * 24 * HOUR; began -= quarter) {
    if (!isStart(began)) continue
    let ends = began + (days * 24 - 3) * HOUR
    while (Number(shows(ends).slice(-2)) !== hour) ends += quarter
    return time < ends + hours * HOUR
  }
  return false
}

it('activeFreezes returns the freezes of the environment and those of all environments', () => {
  const staging: Freeze = { ...christmas, name: 'staging', environments: ['staging'] }
  const none: Freeze = { ...christmas, name: 'none', environments: [] }
  const at = '2026-12-24T18:00:00Z'
  expect(activeFreezes([staging, none, christmas], 'staging', at)).toEqual([staging, christmas])
  expect(activeFreezes([staging, none, christmas], 'production', at)).toEqual([christmas])
  expect(activeFreezes([], 'production', at)).toEqual([])
})

it.each([
  ['production', ['prod']],
  ['PROD', [' Production ']],
  ['qa-eu', ['QA-EU']],
])('a freeze applies to %s if it names %j', (environment, environments) => {
  const named: Freeze = { ...christmas, environments }
  const others: Freeze = { ...christmas, environments: ['staging', 'qa'] }
  expect(activeFreezes([named, others], environment, '2026-12-24T18:00:00Z')).toEqual([named])
})

describe('freezeFinding', () => {
  it.each<[string, Omit<Freeze, 'name'>]>([
    ['`from` and `to`', { from: christmas.from, to: christmas.to }],
    ['`cron` and `duration`', { cron: '0 18 * * FRI', duration: 'PT12H' }],
    ['a time zone', { cron: '0 0 29 2 *', duration: 'P1W', timezone: 'America/New_York' }],
  ])('accepts %s', (_, time) => {
    expect(freezeFinding({ name: 'x', ...time })).toBeUndefined()
  })

  it.each<[string, Omit<Freeze, 'name'>, RegExp]>([
    ['a freeze without a time', {}, /`from` and `to`, or `cron` and `duration`, are required/],
    ['a missing end', { from: christmas.from }, /`from` and `to`.* are required/],
    ['an end equal to the start', { from: christmas.from, to: christmas.from }, /before `to`/],
    [
      'both kinds of time',
      { from: christmas.from, to: christmas.to, cron: '0 0 * * *', duration: 'PT1H' },
      /not allowed together/,
    ],
    [
      'a duration without `cron`',
      { from: christmas.from, to: christmas.to, duration: 'PT1H' },
      /only allowed with `cron`/,
    ],
    ['a missing duration', { cron: '0 0 * * *' }, /`duration` must be/],
    ['a duration of 0', { cron: '0 0 * * *', duration: 'PT0S' }, /`duration` must be/],
    ['a duration that is not ISO 8601', { cron: '0 0 * * *', duration: '1 hour' }, /`duration` must be/],
    ['a cron pattern of six fields', { cron: '0 0 0 * * *', duration: 'PT1H' }, /not a valid cron pattern/],
    ['an invalid hour', { cron: '0 24 * * *', duration: 'PT1H' }, /not a valid cron pattern/],
    ['a day that never occurs', { cron: '0 0 31 2 *', duration: 'PT1H' }, /never occurs/],
    [
      'an unknown time zone',
      { cron: '0 0 * * *', duration: 'PT1H', timezone: 'Mars/Base' },
      /IANA time zone, .* not Mars.Base/,
    ],
  ])('rejects %s', (_, time, finding) => {
    expect(freezeFinding({ name: 'x', ...time })).toMatch(finding)
  })
})

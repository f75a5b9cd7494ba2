import { Cron } from 'croner'
import fc from 'fast-check'
import { Recurrence } from './recurrence.js'

const pattern = fc.constantFrom('0 18 * * FRI', '*/7 * * * *', '30 2 * * *', '0 0 29 2 *', '0 0 30 2 *', '0 0 1 1 MON')
const zone = fc.constantFrom('UTC', 'Europe/Vienna', 'America/St_Johns')
const instant = fc.date({
  min: new Date('2026-03-20T00:00:00Z'),
  max: new Date('2026-11-10T00:00:00Z'),
  noInvalidDate: true,
})

it('lastRun equals the previous run of croner, in any order of the queries', () => {
  fc.assert(
    fc.property(pattern, zone, fc.array(instant, { maxLength: 30 }), (text, timezone, instants) => {
      const cron = new Cron(text, { timezone, paused: true, mode: '5-part' })
      for (const each of instants.map(Number)) {
        const [began] = cron.previousRuns(1, new Date(each + 1))
        expect(Recurrence.of(text, timezone).lastRun(each)).toBe(began?.getTime())
      }
    }),
    { numRuns: 200 },
  )
})

it('lastRun queries croner once for all instants between two runs', () => {
  const previousRuns = jest.spyOn(Cron.prototype, 'previousRuns')
  const recurrence = Recurrence.of('0 6 * * *', 'Europe/Vienna')
  const days = Array.from({ length: 10 }, (_, day) => `2026-06-${10 + day}`)
  for (const hour of ['10', '04', '09', '23', '12', '23', '08'])
    for (const day of days)
      expect(recurrence.lastRun(Date.parse(`${day}T${hour}:00:00Z`))).toBe(Date.parse(`${day}T04:00:00Z`))
  expect(previousRuns).toHaveBeenCalledTimes(10)
  previousRuns.mockRestore()
})

it('a pattern that never occurs has no run and is queried once', () => {
  const previousRuns = jest.spyOn(Cron.prototype, 'previousRuns')
  const never = Recurrence.of('0 0 31 2 *')
  for (const day of ['2026-01-01', '2027-01-01', '2030-01-01']) expect(never.lastRun(Date.parse(day))).toBeUndefined()
  expect(previousRuns).toHaveBeenCalledTimes(1)
  previousRuns.mockRestore()
  expect(never.beginsAgain()).toBe(false)
})

it('lastRun stays correct beyond the capacity of its cache', () => {
  const often = Recurrence.of('* * * * *', 'Europe/Vienna')
  for (let minute = 0; minute < 1200; minute++) {
    const at = Date.parse('2026-10-24T20:00:30Z') + minute * 60_000
    expect(often.lastRun(at)).toBe(at - 30_000)
  }
})

it('Recurrence.of throws on an invalid pattern', () => {
  expect(() => Recurrence.of('61 * * * *')).toThrow(/minute/)
})

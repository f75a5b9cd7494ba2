import type { Finding } from '../observe/findings.js'
import type { Outcome } from './outcome.js'
import { verdicts } from './verdict.js'

const counts = { log: 90, ledgerEvents: 90, streams: 50, commands: 90, events: 90, history: 50 }
const outcome: Outcome = {
  machine: [],
  seconds: 600,
  rate: 100,
  samples: [],
  minutes: [],
  whole: { sent: 100, answered: 100, failed: 0, write: {}, read: {} },
  failures: new Map(),
  warnings: [],
  settled: 0.2,
  cpu: {},
  expected: counts,
  unknown: 0,
  counted: counts,
}
const memory = (judgement: Finding['judgement']): Finding => ({ name: 'query, resident', unit: 'MiB', judgement })
const lag: Finding = { name: 'lag of the projector', unit: 'events', judgement: 'flat' }
const holds = (changed: Partial<Outcome>, findings = [memory('flat'), lag]) =>
  verdicts({ ...outcome, ...changed }, findings).map(verdict => verdict.holds)

describe('verdicts', () => {
  it('hold if nothing failed, differs or grows', () => {
    expect(holds({})).toEqual([true, true, true, true, true])
  })

  it.each([
    ['a request failed', { whole: { ...outcome.whole, failed: 1 } }, [false, true, true, true, true]],
    ['an event is missing', { counted: { ...counts, log: 89 } }, [true, false, true, true, true]],
    ['there is an extra row', { counted: { ...counts, history: 51 } }, [true, false, true, true, true]],
    ['the lag does not settle', { settled: undefined }, [true, true, true, true, false]],
  ])('do not hold if %s', (_, changed, expected) => {
    expect(holds(changed)).toEqual(expected)
  })

  it('accept events that a request without a response may have written', () => {
    const found = { ...counts, log: 91, ledgerEvents: 91, commands: 91, events: 91 }

    expect(holds({ unknown: 1, counted: found })[1]).toBe(true)
    expect(holds({ unknown: 1, counted: { ...found, log: 92 } })[1]).toBe(false)
  })

  it('name what grows, and are undefined if a trend is undecided', () => {
    expect(verdicts(outcome, [memory('grows'), lag])[2]).toEqual({
      holds: false,
      text: expect.stringContaining('query, resident') as string,
    })
    expect(holds({}, [memory('undecided'), lag])[2]).toBeUndefined()
    expect(holds({}, [])).toEqual([true, true, undefined, undefined, true])
  })
})

import fc from 'fast-check'
import { startedBefore, intervalsOf, type Run, type Interval } from './step-function.js'

const run = (name: string, start: number, from: number, until = Infinity, logOrder = start): Run => ({
  deploymentId: name,
  imageTag: `tag of ${name}`,
  deployedAt: start,
  logOrder: BigInt(logOrder),
  from,
  until,
})

const presented = (intervals: Interval[]) =>
  intervals.map(({ from, active, byRollback }) =>
    [from, active?.deploymentId ?? 'nothing', ...(byRollback ? ['by rollback'] : [])].join(' '),
  )

describe('intervalsOf', () => {
  test('makes the success that started last active from its finish on', () => {
    expect(presented(intervalsOf([run('b', 2, 3), run('a', 1, 1)]))).toEqual(['1 a', '3 b'])
    expect(presented(intervalsOf([]))).toEqual([])
  })

  test('omits a deployment that started earlier and finished later', () => {
    expect(presented(intervalsOf([run('slow', 1, 9), run('quick', 2, 3)]))).toEqual(['3 quick'])
  })

  test('makes the previous deployment active again, or none, from a rollback on', () => {
    const runs = [run('a', 1, 1, 8), run('b', 2, 3, 5)]
    expect(presented(intervalsOf(runs))).toEqual(['1 a', '3 b', '5 a by rollback', '8 nothing by rollback'])
  })

  test('omits deployments that were active for no time', () => {
    expect(presented(intervalsOf([run('a', 1, 1), run('b', 2, 3, 3), run('c', 4, 6, 5)]))).toEqual(['1 a'])
    expect(presented(intervalsOf([run('a', 1, 3), run('b', 2, 3)]))).toEqual(['3 b'])
  })

  test('attributes the change to the later in the log where a rollback and a finish coincide', () => {
    expect(presented(intervalsOf([run('a', 1, 1, 5), run('b', 2, 5)]))).toEqual(['1 a', '5 b'])
    expect(presented(intervalsOf([run('a', 2, 1, 5, 9), run('b', 1, 5)]))).toEqual(['1 a', '5 b by rollback'])
  })

  test('breaks equal starts by log order', () => {
    expect(presented(intervalsOf([run('first', 1, 1, Infinity, 7), run('second', 1, 1, Infinity, 8)]))).toEqual([
      '1 second',
    ])
  })

  test('returns the intervals of a range, both ends included', () => {
    const runs = [run('a', 1, 1), run('b', 2, 3), run('c', 3, 5), run('d', 4, 7)]
    expect(presented(intervalsOf(runs, { from: 3, until: 5 }))).toEqual(['3 b', '5 c'])
  })

  const anyRuns = fc
    .array(fc.record({ start: fc.nat(8), lasts: fc.nat(4), runs: fc.option(fc.integer({ min: -1, max: 8 })) }), {
      maxLength: 12,
    })
    .map(all =>
      all.map(({ start, lasts, runs }, n) =>
        run(`d${n}`, start, start + lasts, runs === null ? Infinity : start + lasts + runs, n),
      ),
    )

  const activeAt = (runs: Run[], at: number) =>
    runs.filter(({ from, until }) => from <= at && at < until).toSorted((a, b) => (startedBefore(a, b) ? 1 : -1))[0]
      ?.deploymentId

  test('equals a search of all deployments at any instant, and repeats no deployment', () => {
    fc.assert(
      fc.property(anyRuns, fc.integer({ min: -1, max: 22 }), (runs, at) => {
        const intervals = intervalsOf(runs)
        expect(intervals.findLast(({ from }) => from <= at)?.active?.deploymentId).toBe(activeAt(runs, at))
        const activeIds = [undefined, ...intervals.map(({ active }) => active?.deploymentId)]
        expect(activeIds.filter((id, n) => n > 0 && id === activeIds[n - 1])).toEqual([])
      }),
      { numRuns: 1000 },
    )
  })
})

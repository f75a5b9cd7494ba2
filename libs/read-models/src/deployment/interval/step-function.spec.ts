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

describe('what ran when', () => {
  test('is the one that started last, from its finish on', () => {
    expect(presented(intervalsOf([run('b', 2, 3), run('a', 1, 1)]))).toEqual(['1 a', '3 b'])
    expect(presented(intervalsOf([]))).toEqual([])
  })

  test('is not what started earlier and finished later', () => {
    expect(presented(intervalsOf([run('slow', 1, 9), run('quick', 2, 3)]))).toEqual(['3 quick'])
  })

  test('is again what ran before, or nothing, from a rollback on', () => {
    const runs = [run('a', 1, 1, 8), run('b', 2, 3, 5)]
    expect(presented(intervalsOf(runs))).toEqual(['1 a', '3 b', '5 a by rollback', '8 nothing by rollback'])
  })

  test('is never what ran for no time', () => {
    expect(presented(intervalsOf([run('a', 1, 1), run('b', 2, 3, 3), run('c', 4, 6, 5)]))).toEqual(['1 a'])
    expect(presented(intervalsOf([run('a', 1, 3), run('b', 2, 3)]))).toEqual(['3 b'])
  })

  test('changes by what is later in the log, where a rollback and a finish meet', () => {
    expect(presented(intervalsOf([run('a', 1, 1, 5), run('b', 2, 5)]))).toEqual(['1 a', '5 b'])
    expect(presented(intervalsOf([run('a', 2, 1, 5, 9), run('b', 1, 5)]))).toEqual(['1 a', '5 b by rollback'])
  })

  test('breaks a tie of starts by the log', () => {
    expect(presented(intervalsOf([run('first', 1, 1, Infinity, 7), run('second', 1, 1, Infinity, 8)]))).toEqual([
      '1 second',
    ])
  })

  test('is told of a span, with its ends', () => {
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

  test('is at any instant what a look at all deployments says', () => {
    fc.assert(
      fc.property(anyRuns, fc.integer({ min: -1, max: 22 }), (runs, at) => {
        const intervals = intervalsOf(runs)
        expect(intervals.findLast(({ from }) => from <= at)?.active?.deploymentId).toBe(activeAt(runs, at))
        const told = [undefined, ...intervals.map(({ active }) => active?.deploymentId)]
        expect(told.filter((id, n) => n > 0 && id === told[n - 1])).toEqual([])
      }),
      { numRuns: 1000 },
    )
  })
})

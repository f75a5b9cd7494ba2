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
  intervals.map(({ from, active, removed, byRollback }) => {
    const now = active?.deploymentId ?? (removed ? `nothing after ${removed.deploymentId}` : 'nothing')
    return [from, now, ...(byRollback ? ['by rollback'] : [])].join(' ')
  })

const removedAt = (at: number, one: Run): Run => ({ ...one, removedAt: at })

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

  test('makes none active from a removal on, until the next success', () => {
    const [a, b] = [run('a', 1, 1), removedAt(5, run('b', 2, 3))]
    expect(presented(intervalsOf([a, b]))).toEqual(['1 a', '3 b', '5 nothing after b'])
    expect(presented(intervalsOf([a, b, run('c', 7, 8)]))).toEqual(['1 a', '3 b', '5 nothing after b', '8 c'])
    expect(presented(intervalsOf([a, b, run('late', 1, 9, Infinity, 2)]))).toEqual(['1 a', '3 b', '5 nothing after b'])
  })

  test('has no removal of a deployment that another one hides then, but again when that one is rolled back', () => {
    const [a, b] = [removedAt(5, run('a', 1, 1)), run('b', 2, 3, 7)]
    expect(presented(intervalsOf([a, b]))).toEqual(['1 a', '3 b', '7 nothing after a by rollback'])
    expect(presented(intervalsOf([removedAt(9, a), b]))).toEqual(['1 a', '3 b', '7 a by rollback', '9 nothing after a'])
  })

  test('starts a tag again after a removal, also the same one', () => {
    const again = { ...run('c', 7, 8), imageTag: 'tag of b' }
    const newTags = (...runs: Run[]) => intervalsOf(runs).map(({ newTag }) => newTag)
    expect(newTags(run('b', 2, 3), again)).toEqual([true, false])
    expect(newTags(removedAt(5, run('b', 2, 3)), again)).toEqual([true, false, true])
    expect(newTags(removedAt(8, run('b', 2, 3)), again)).toEqual([true, false])
  })

  test('attributes the change to the later in the log where a removal and a rollback or a finish coincide', () => {
    expect(presented(intervalsOf([removedAt(5, run('a', 1, 1)), run('b', 2, 3, 5)]))).toEqual([
      '1 a',
      '3 b',
      '5 nothing after a by rollback',
    ])
    expect(presented(intervalsOf([removedAt(5, run('a', 1, 1, Infinity, 9)), run('b', 2, 3, 5)])).at(-1)).toBe(
      '5 nothing after a',
    )
    expect(presented(intervalsOf([removedAt(5, run('a', 1, 1)), run('b', 2, 5)]))).toEqual(['1 a', '5 b'])
    expect(presented(intervalsOf([run('a', 1, 1), removedAt(5, run('b', 2, 5))]))).toEqual(['1 a', '5 nothing after b'])
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
    .array(
      fc.record({
        start: fc.nat(8),
        lasts: fc.nat(4),
        runs: fc.option(fc.integer({ min: -1, max: 8 })),
        isRemoved: fc.boolean(),
      }),
      { maxLength: 12 },
    )
    .map(all =>
      all.map(({ start, lasts, runs, isRemoved }, n) => {
        const end = start + lasts + (runs ?? 0)
        if (isRemoved && runs !== null && runs >= 0)
          return removedAt(end, run(`d${n}`, start, start + lasts, Infinity, n))
        return run(`d${n}`, start, start + lasts, runs === null ? Infinity : end, n)
      }),
    )

  const latestAt = (runs: Run[], at: number) =>
    runs.filter(({ from, until }) => from <= at && at < until).toSorted((a, b) => (startedBefore(a, b) ? 1 : -1))[0]
  const stateAt = (runs: Run[], at: number) => {
    const latest = latestAt(runs, at)
    return { id: latest?.deploymentId, isRemoved: latest?.removedAt !== undefined && latest.removedAt <= at }
  }
  const stateOf = ({ active, removed }: Partial<Interval> = {}) => {
    return { id: (active ?? removed)?.deploymentId, isRemoved: removed !== undefined }
  }

  test('equals a search of all deployments at any instant, and repeats no deployment', () => {
    fc.assert(
      fc.property(anyRuns, fc.integer({ min: -1, max: 22 }), (runs, at) => {
        const intervals = intervalsOf(runs)
        expect(stateOf(intervals.findLast(({ from }) => from <= at))).toEqual(stateAt(runs, at))
        const states = [undefined, ...intervals].map(interval => JSON.stringify(stateOf(interval)))
        expect(states.filter((state, n) => n > 0 && state === states[n - 1])).toEqual([])
      }),
      { numRuns: 1000 },
    )
  })
})

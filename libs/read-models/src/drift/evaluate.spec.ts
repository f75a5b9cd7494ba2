import fc from 'fast-check'
import type { Interval } from '../deployment/interval/step-function.js'
import { differenceOf, differingSpans, distanceOf, stateOf } from './evaluate.js'
import type { Reading, SlotTimeline } from './slot-timeline.js'

/** A timeline from text such as `1 v1, 4 nothing!`: from when which tag was active; `!` marks a change by a rollback. */
function timelineOf(environment: string, notation: string): SlotTimeline {
  const intervals = notation.split(', ').flatMap((text, n): Interval[] => {
    const match = /^(\d+) (\w+?)(!?)(?:@(\d+))?$/.exec(text)
    if (!match) return []
    const [, from, tag, byRollback, order] = match
    const active = {
      deploymentId: `${environment} ${from}`,
      imageTag: tag!,
      deployedAt: Number(from),
      logOrder: BigInt(order ?? 100 * Number(from) + n),
    }
    return [{ from: Number(from), byRollback: byRollback === '!', ...(tag !== 'nothing' && { active }) }]
  })
  return {
    application: 'checkout',
    environment,
    intervals: intervals.toReversed(),
    complete: true,
    firstStarts: new Map(),
  }
}

const both = (source: string, target: string) =>
  [timelineOf('staging', source), timelineOf('production', target)] as const

/** The result of a computation that requests no further reads. */
function ended<Result>(reading: Reading<Result>): Result {
  const { done, value } = reading.next()
  if (!done) throw new Error('it requests more')
  return value
}

function evaluated(source: string, target: string) {
  const timelines = both(source, target)
  const state = stateOf(...timelines)
  const { since, cause } = ended(differenceOf(...timelines))
  return {
    state,
    since,
    cause: `${cause.deploymentId} ${cause.imageTag}`,
    ...(state === 'different' && ended(distanceOf(...timelines))),
  }
}

describe('two slot timelines', () => {
  test.each([
    ['1 v1', '2 v1', 'same'],
    ['1 v1', '2 v2', 'different'],
    ['1 v1', '', 'onlyInSource'],
    ['1 v1', '1 v1, 2 nothing!', 'onlyInSource'],
    ['', '1 v1', 'onlyInTarget'],
    ['1 v1, 2 nothing!', '', undefined],
  ])('%p and %p have the state %p', (source, target, state) => {
    expect(stateOf(...both(source, target))).toBe(state)
  })

  test('differ since they last had the same tag, caused by the change that followed', () => {
    expect(evaluated('1 v1, 5 v2, 7 v3', '2 v1')).toEqual({
      state: 'different',
      since: 5,
      cause: 'staging 5 v2',
      aheadBy: 2,
      direction: 'ahead',
    })
    expect(evaluated('1 v1, 5 v2', '2 v1, 6 v2, 9 v1')).toMatchObject({ since: 9, cause: 'production 9 v1' })
  })

  test('differ while one of them has no active deployment', () => {
    expect(evaluated('1 v1, 5 v2', '')).toEqual({ state: 'onlyInSource', since: 1, cause: 'staging 1 v1' })
    expect(evaluated('1 v1, 5 v2', '3 v0')).toMatchObject({ since: 1, cause: 'staging 1 v1', direction: 'diverged' })
    expect(evaluated('', '1 v1, 5 v2')).toEqual({ state: 'onlyInTarget', since: 1, cause: 'production 1 v1' })
  })

  test('do not differ while neither has an active deployment', () => {
    expect(evaluated('1 v1, 4 nothing!, 8 v2', '2 v9, 5 nothing!, 7 v3')).toMatchObject({
      since: 7,
      cause: 'production 7 v3',
    })
    expect(evaluated('1 v1, 4 nothing!, 8 v2', '2 v9, 4 nothing!, 7 v3')).toMatchObject({ since: 7 })
    expect(evaluated('1 v1, 4 nothing!, 8 v2', '2 v9, 8 v3')).toMatchObject({ since: 1 })
  })

  test('differ since a rollback, caused by the deployment that was rolled back', () => {
    expect(evaluated('1 v1, 5 v2, 9 v1!', '2 v1, 6 v2')).toMatchObject({ since: 9, cause: 'staging 5 v2' })
    expect(evaluated('1 v1, 9 nothing!', '2 v1')).toMatchObject({ since: 9, cause: 'staging 1 v1' })
  })

  test('differ by the later change in the log where both change at one instant', () => {
    expect(evaluated('1 v1, 5 v2@7', '2 v1, 5 v3@8')).toMatchObject({ since: 5, cause: 'production 5 v3' })
    expect(evaluated('1 v1, 5 v2@9', '2 v1, 5 v3@8')).toMatchObject({ since: 5, cause: 'staging 5 v2' })
    // The other side only got its own tag again.
    expect(evaluated('1 v1, 5 v2@7', '2 v1, 5 v1@8')).toMatchObject({ since: 5, cause: 'staging 5 v2' })
  })

  test('are apart by the tags that the source has had since it last had the tag of the target', () => {
    expect(evaluated('1 v1, 2 v2, 3 v1, 4 v3, 5 v4, 6 v3', '1 v1')).toMatchObject({ aheadBy: 2, direction: 'ahead' })
    expect(evaluated('1 v1', '1 v1, 2 v2')).toMatchObject({ direction: 'behind' })
    expect(evaluated('1 v1', '1 v1, 2 v2')).not.toHaveProperty('aheadBy')
    expect(evaluated('1 v1, 2 v2', '1 v2, 2 v1')).toMatchObject({ aheadBy: 1, direction: 'diverged' })
    expect(evaluated('2 v1', '3 v2')).toMatchObject({ direction: 'diverged' })
    expect(evaluated('1 v1, 2 nothing!, 3 v2', '1 v1')).toMatchObject({ aheadBy: 1 })
  })

  const notation = fc
    .uniqueArray(fc.record({ from: fc.nat(15), tag: fc.constantFrom('v1', 'v2', 'v3', 'nothing!') }), {
      selector: ({ from }) => from,
      maxLength: 10,
    })
    .map(all => {
      const inOrder = all.toSorted((a, b) => a.from - b.from)
      const first = inOrder.findIndex(({ tag }) => tag !== 'nothing!')
      const some = first < 0 ? [] : inOrder.slice(first)
      return some.map(({ from, tag }) => `${from} ${tag}`).join(', ')
    })
  const noTwoNothings = (text: string) => !/nothing!, \d+ nothing!/.test(text)

  test('are evaluated alike from whole timelines, from incremental reads and by a search of every instant', () => {
    fc.assert(
      fc.property(notation.filter(noTwoNothings), notation.filter(noTwoNothings), (a, b) => {
        const timelines = both(a, b)
        const state = stateOf(...timelines)
        fc.pre(state !== undefined && state !== 'same')
        const { since } = ended(differenceOf(...timelines))
        const tagAt = (timeline: SlotTimeline, at: number) =>
          timeline.intervals.find(({ from }) => from <= at)?.active?.imageTag
        const differAt = (at: number) => tagAt(timelines[0], at) !== tagAt(timelines[1], at)
        const instants = Array.from({ length: 17 }, (_, at) => at - 1)
        expect(since).toBe(instants.findLast(at => !differAt(at))! + 1)
        expect(differingSpans(...timelines).at(-1)).toEqual({ since, until: Infinity })
        const differed = instants.filter(differAt)
        const spans = differingSpans(...timelines)
        expect(instants.filter(at => spans.some(s => s.since <= at && at < s.until))).toEqual(differed)

        const atOnce = [differenceOf(...timelines), ...(state === 'different' ? [distanceOf(...timelines)] : [])].map(
          (reading: Reading<unknown>) => ended(reading),
        )
        const shortened = both(a, b).map(timeline => ({
          ...timeline,
          intervals: timeline.intervals.slice(0, 1),
          complete: false,
        })) as [SlotTimeline, SlotTimeline]
        const all = new Map(shortened.map((timeline, n) => [timeline, timelines[n]!.intervals]))
        const incremental = [
          differenceOf(...shortened),
          ...(state === 'different' ? [distanceOf(...shortened)] : []),
        ].map(reading => {
          for (let next = reading.next(); ; next = reading.next()) {
            if (next.done) return next.value
            const { timeline, tag } = next.value
            const intervals = all.get(timeline)!
            const ofTag = intervals.filter(({ active }) => active?.imageTag === tag)
            if (tag !== undefined) timeline.firstStarts.set(tag, ofTag.at(-1)?.from ?? Infinity)
            else timeline.intervals = intervals.slice(0, timeline.intervals.length + 1)
            timeline.complete = timeline.intervals.length === intervals.length
          }
        })
        expect(incremental).toEqual(atOnce)
      }),
      { numRuns: 1000 },
    )
  })
})

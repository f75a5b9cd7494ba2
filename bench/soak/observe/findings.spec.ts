import { seededRandom } from '../../harness/load/seeded.js'
import { collectEvery, findings } from './findings.js'
import type { Sample } from './sampler.js'

const MIB = 2 ** 20
const MINUTES = 30

/** A second for every second: `heap` in MiB by the second; a lag by the second. */
function samples(heap: (second: number) => number, lag: (second: number) => number, minutes = MINUTES): Sample[] {
  return Array.from({ length: minutes * 60 }, (_, index) => {
    const second = index + 1
    const app = { rss: (heap(second) + 100) * MIB, heap: heap(second) * MIB }
    return {
      second,
      traffic: { sent: 100, answered: 100, failed: 0, write: { p50: 5, p99: 20 }, read: {} },
      apps: { command: app, projector: {}, query: {} },
      ...(second > 1 && second % every === 1 && { collected: 'command' }),
      lag: lag(second),
    }
  })
}

const every = collectEvery(MINUTES * 60)
/** Filled with garbage, and collected now and then. */
const collected = (second: number) => 50 + ((second - 1) % every)

const judgementOf = (all: Sample[], name: string, minutes = MINUTES) =>
  findings(all, minutes * 60, 100).find(finding => finding.name === name)!.judgement

describe('findings', () => {
  const random = seededRandom(1)
  const restless = () => Math.floor(random() * 40)

  it('takes a heap that is filled and collected for flat', () => {
    expect(judgementOf(samples(collected, restless), 'command, heap after collection')).toBe('flat')
  })

  it('finds a leak beneath it, of 1 MiB a minute', () => {
    const leaking = samples(second => collected(second) + second / 60, restless)

    expect(judgementOf(leaking, 'command, heap after collection')).toBe('grows')
    expect(judgementOf(leaking, 'command, resident')).toBe('grows')
  })

  it('does not mind what grows in the first third only', () => {
    const warmedUp = samples(second => Math.min(second, MINUTES * 20) / 10, restless)

    expect(judgementOf(warmedUp, 'command, resident')).toBe('flat')
  })

  it('tells a lag that is restless from one that grows', () => {
    expect(judgementOf(samples(collected, restless), 'lag of the projector')).toBe('flat')
    expect(
      judgementOf(
        samples(collected, second => second / 10),
        'lag of the projector',
      ),
    ).toBe('grows')
  })

  it('judges nothing in less than ten minutes', () => {
    const short = samples(second => second, restless, 9)

    expect(judgementOf(short, 'command, resident', 9)).toBe('undecided')
  })

  it('has no trend of what was never seen', () => {
    const broker = findings(samples(collected, restless), MINUTES * 60, 100).find(({ name }) =>
      name.startsWith('broker'),
    )

    expect(broker).toEqual({
      name: 'broker without its mapped files',
      unit: 'MiB',
      trend: undefined,
      judgement: undefined,
    })
  })
})

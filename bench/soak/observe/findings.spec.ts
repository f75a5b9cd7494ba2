import { seededRandom } from '../../harness/load/seeded.js'
import { collectEvery, findings } from './findings.js'
import type { Sample } from './sampler.js'

const MIB = 2 ** 20
const MINUTES = 30

/** One sample a second, with the heap in MiB and the lag at that second. */
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
/** A heap in MiB that fills with garbage until the next collection. */
const collected = (second: number) => 50 + ((second - 1) % every)

const judgementOf = (all: Sample[], name: string, minutes = MINUTES) =>
  findings(all, minutes * 60, 100).find(finding => finding.name === name)!.judgement

describe('findings', () => {
  const random = seededRandom(1)
  const noisy = () => Math.floor(random() * 40)

  it('reports a heap that is filled and collected as flat', () => {
    expect(judgementOf(samples(collected, noisy), 'command, heap after collection')).toBe('flat')
  })

  it('detects a leak of 1 MiB a minute beneath the garbage', () => {
    const leaking = samples(second => collected(second) + second / 60, noisy)

    expect(judgementOf(leaking, 'command, heap after collection')).toBe('grows')
    expect(judgementOf(leaking, 'command, resident')).toBe('grows')
  })

  it('ignores growth in the first third', () => {
    const warmedUp = samples(second => Math.min(second, MINUTES * 20) / 10, noisy)

    expect(judgementOf(warmedUp, 'command, resident')).toBe('flat')
  })

  it('distinguishes a noisy lag from one that grows', () => {
    expect(judgementOf(samples(collected, noisy), 'lag of the projector')).toBe('flat')
    expect(
      judgementOf(
        samples(collected, second => second / 10),
        'lag of the projector',
      ),
    ).toBe('grows')
  })

  it('is undecided for less than ten minutes', () => {
    const short = samples(second => second, noisy, 9)

    expect(judgementOf(short, 'command, resident', 9)).toBe('undecided')
  })

  it('has no trend without values', () => {
    const broker = findings(samples(collected, noisy), MINUTES * 60, 100).find(({ name }) => name.startsWith('broker'))

    expect(broker).toEqual({
      name: 'broker without its mapped files',
      unit: 'MiB',
      trend: undefined,
      judgement: undefined,
    })
  })
})

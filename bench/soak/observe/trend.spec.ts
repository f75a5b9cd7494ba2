import { seededRandom } from '../../harness/load/seeded.js'
import { judge, theilSen } from './trend.js'

const line = (perSecond: number, noise: () => number = () => 0) =>
  Array.from({ length: 60 }, (_, index) => ({ at: index * 10, value: 100 + perSecond * index * 10 + noise() }))

describe('theilSen', () => {
  it('returns the slope of a line per hour, with equal bounds', () => {
    const trend = theilSen(line(0.5))!

    expect(trend.perHour).toBeCloseTo(1800)
    expect(trend.low).toBeCloseTo(1800)
    expect(trend.high).toBeCloseTo(1800)
    expect(trend.level).toBeCloseTo(247.5)
  })

  it('is not affected by a few outliers', () => {
    const points = line(0.5).map((point, index) => (index % 10 === 3 ? { ...point, value: 5000 } : point))

    expect(theilSen(points)!.perHour).toBeCloseTo(1800, -1)
  })

  it('has bounds that contain the slope of noisy points', () => {
    const random = seededRandom(1)
    const { low, high } = theilSen(line(0.01, () => random() * 20))!

    expect(low).toBeLessThan(36)
    expect(high).toBeGreaterThan(36)
    expect(low).toBeLessThan(high)
  })

  it('returns undefined for two points', () => {
    expect(theilSen(line(1).slice(0, 2))).toBeUndefined()
  })
})

describe('judge', () => {
  const trend = (low: number, high: number) => ({ perHour: (low + high) / 2, low, high, level: 100 })

  it.each([
    ['grows', 11, 30],
    ['flat', -5, 9],
    ['flat', -30, -11],
    ['undecided', -5, 11],
  ])('returns %s for bounds of %d and %d with a tolerance of 10', (judgement, low, high) => {
    expect(judge(trend(low, high), 10)).toBe(judgement)
  })
})

import { linearAxis, logAxis, timeAxis } from './axis.js'

describe('linearAxis', () => {
  it.each([
    [870, [0, 500, 1000]],
    [4, [0, 1, 2, 3, 4]],
    [0.3, [0, 0.1, 0.2, 0.30000000000000004]],
  ])('covers %d in round steps', (highest, ticks) => {
    expect(linearAxis(highest).ticks).toEqual(ticks)
  })

  it('has a height if all values are 0', () => {
    const { place, ticks } = linearAxis(0)

    expect(place(0)).toBe(0)
    expect(ticks.length).toBeGreaterThan(1)
  })
})

describe('logAxis', () => {
  it('spans from the power of ten below to the one above', () => {
    const { place, ticks } = logAxis(3, 250)

    expect(ticks).toEqual([1, 10, 100, 1000])
    expect(place(1)).toBe(0)
    expect(place(1000)).toBe(1)
  })

  it('has a height for a single value', () => {
    expect(logAxis(10, 10).ticks).toEqual([10, 100])
  })
})

describe('timeAxis', () => {
  it('ends at the last minute', () => {
    const { place, ticks } = timeAxis(30)

    expect(ticks).toEqual([0, 5, 10, 15, 20, 25, 30])
    expect(place(30)).toBe(1)
  })
})

import { highest, median, windowed } from './series.js'

const points = [0, 1, 4, 5, 9, 10].map(at => ({ at, value: at * at }))

describe('windowed', () => {
  it('returns one value for each window, at its middle', () => {
    expect(windowed(points, 2, 10, highest)).toEqual([
      { at: 2.5, value: 16 },
      { at: 7.5, value: 100 },
    ])
  })

  it('omits empty windows', () => {
    expect(windowed(points, 5, 10, highest)).toEqual([
      { at: 1, value: 1 },
      { at: 5, value: 25 },
      { at: 9, value: 100 },
    ])
  })

  it('returns the mean of the two middle values as the median', () => {
    expect(windowed(points, 1, 10, median)).toEqual([{ at: 5, value: 20.5 }])
  })
})

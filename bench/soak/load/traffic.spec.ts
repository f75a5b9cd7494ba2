import { Traffic } from './traffic.js'

function trafficOf(...milliseconds: number[]): Traffic {
  const traffic = new Traffic()
  for (const each of milliseconds) {
    traffic.sent()
    traffic.answered('write', each)
  }
  return traffic
}

describe('Traffic', () => {
  it('counts requests, and returns the quantiles of each side in milliseconds', () => {
    const traffic = trafficOf(...Array.from({ length: 100 }, (_, index) => index + 1))
    traffic.sent()
    traffic.failed()

    const { write, read, ...counts } = traffic.figures

    expect(counts).toEqual({ sent: 101, answered: 100, failed: 1 })
    expect(write.p50).toBeCloseTo(50, 0)
    expect(write.p99).toBeCloseTo(99, 0)
    expect(read).toEqual({})
  })

  it('adds other traffic', () => {
    const whole = trafficOf(10)
    whole.add(trafficOf(20, 30))
    whole.add(new Traffic())

    expect(whole.figures).toMatchObject({ sent: 3, answered: 3 })
    expect(whole.figures.write.p50).toBeCloseTo(20, 0)
  })

  it('is empty after a reset', () => {
    const traffic = trafficOf(10)
    traffic.reset()

    expect(traffic.figures).toEqual({ sent: 0, answered: 0, failed: 0, write: {}, read: {} })
  })
})

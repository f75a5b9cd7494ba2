import { seededRandom } from '../../harness/load/seeded.js'
import { Pool } from './pool.js'

describe('Pool', () => {
  it('returns each item once', () => {
    const pool = new Pool<number>(seededRandom(1))
    for (const item of [1, 2, 3, 4]) pool.put(item)

    expect([pool.take(), pool.take(), pool.take(), pool.take()].toSorted()).toEqual([1, 2, 3, 4])
    expect(pool.take()).toBeUndefined()
  })

  it('never has more items than its limit', () => {
    const pool = new Pool<number>(seededRandom(1), 2)
    for (const item of [1, 2, 3, 4]) pool.put(item)
    const taken = [pool.take(), pool.take(), pool.take()]

    expect(taken[2]).toBeUndefined()
    expect(taken).toContain(4)
  })
})

import fc from 'fast-check'
import { RankSet } from './version-order.js'

const sizes = fc.integer({ min: 1, max: 40_000 })

test('RankSet finds the nearest members above and below a rank, as a linear search does', () => {
  fc.assert(
    fc.property(
      sizes.chain(size => {
        const rank = fc.integer({ min: 0, max: size - 1 })
        return fc.tuple(
          fc.constant(size),
          fc.array(fc.tuple(fc.constantFrom('add', 'delete'), rank), { maxLength: 80 }),
          fc.array(rank, { minLength: 1, maxLength: 20 }),
        )
      }),
      ([size, steps, requested]) => {
        const set = new RankSet(size)
        const members = new Set<number>()
        for (const [step, rank] of steps as ['add' | 'delete', number][]) {
          set[step](rank)
          members[step](rank)
        }
        for (const rank of [-1, ...requested, ...members, size - 1]) {
          const above = [...members].filter(member => member > rank)
          expect(set.above(rank)).toBe(above.length > 0 ? Math.min(...above) : -1)
        }
        for (const rank of [...requested, ...members, size - 1]) {
          expect(set.below(rank)).toBe(Math.max(-1, ...[...members].filter(member => member < rank)))
        }
      },
    ),
  )
})

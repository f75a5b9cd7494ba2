import type { Mutant } from './mutant.js'

/** Projectors that lack a protection. */
export const projectorMutants: Mutant[] = [
  {
    name: 'position-after-rows',
    lacks: 'rows are committed first, their position in a transaction of its own',
    changes: {
      'position-with-rows': `
        await readModels.transaction(async connection => {
          await projection.apply(connection, batches.flatMap(({ events }) => events))
        })
        failpoint('project-after-rows')
        await readModels.transaction(async connection => {
          if (!(await advancePositions(connection, projection.name, batches))) throw new Superseded()
        })`,
    },
    kinds: ['failpoint-project-after-rows', 'drain-projector', 'backends-ended'],
  },
  {
    name: 'position-before-rows',
    lacks: 'the position is committed first, its rows in a transaction of their own',
    changes: {
      'position-with-rows': `
        await readModels.transaction(async connection => {
          if (!(await advancePositions(connection, projection.name, batches))) throw new Superseded()
        })
        failpoint('project-after-position')
        await readModels.transaction(async connection => {
          await projection.apply(connection, batches.flatMap(({ events }) => events))
          failpoint('project-after-rows')
        })`,
    },
    kinds: ['failpoint-project-after-position'],
  },
  {
    name: 'no-dedup-of-seq',
    lacks: 'events that were projected already are projected again',
    changes: { 'no-dedup-of-seq': '' },
    kinds: ['drain-projector'],
  },
]

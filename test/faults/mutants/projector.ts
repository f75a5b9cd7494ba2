import type { Mutant } from './mutant.js'

const projectBatch = 'libs/read-models/src/database/project-batch.ts'
const newTransaction = '    })\n    await readModels.transaction(async connection => {\n'

/** Projectors that lack a protection. */
export const projectorMutants: Mutant[] = [
  {
    name: 'position-after-rows',
    lacks: 'rows are committed first, their position in a transaction of its own',
    edits: [
      {
        file: projectBatch,
        old: `      const advanced = await advancePositions(connection, projection.name, batches)
      if (!advanced) throw new Superseded()
`,
        new: '',
      },
      {
        file: projectBatch,
        old: `      failpoint('project-after-rows')
    })
`,
        new: `    })
    failpoint('project-after-rows')
    await readModels.transaction(async connection => {
      if (!(await advancePositions(connection, projection.name, batches))) throw new Superseded()
    })
`,
      },
    ],
    kinds: ['failpoint-project-after-rows', 'drain-projector', 'backends-ended'],
  },
  {
    name: 'position-before-rows',
    lacks: 'the position is committed first, its rows in a transaction of their own',
    edits: [
      {
        file: projectBatch,
        old: `      failpoint('project-after-position')\n`,
        new: newTransaction.replace('    await', `    failpoint('project-after-position')\n    await`),
      },
    ],
    kinds: ['failpoint-project-after-position'],
  },
  {
    name: 'no-dedup-of-seq',
    lacks: 'events that were projected already are projected again',
    edits: [
      {
        file: 'libs/read-models/src/log/chunk.ts',
        old: 'if (seq !== undefined && seq <= last) {',
        new: 'if (seq !== undefined && seq < 0) {',
      },
    ],
    kinds: ['drain-projector'],
  },
]

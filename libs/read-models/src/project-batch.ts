import { failpoint } from '#libs/failpoint'
import { advancePosition, type ProjectedPosition } from './positions.js'
import type { ProjectedEvent, Projection } from './projection.js'
import type { ReadModels } from './read-models.js'

class Superseded extends Error {}

/**
 * Applies events of one partition to a projection and moves its position over them, all or nothing. False: the position was
 * not where it was expected, somebody else has moved it, and nothing was changed.
 * Throws what the projection throws, and ReadModelsUnavailable.
 */
export async function projectBatch(
  readModels: ReadModels,
  projection: Projection,
  partition: number,
  batch: { from: ProjectedPosition; events: readonly ProjectedEvent[]; to: ProjectedPosition },
): Promise<boolean> {
  failpoint('project-before')
  try {
    await readModels.transaction(async connection => {
      // First: a second owner of the partition waits for this row, and has not worked for nothing.
      const advanced = await advancePosition(connection, projection.name, partition, batch.from, batch.to)
      if (!advanced) throw new Superseded()
      failpoint('project-after-position')
      await projection.apply(connection, batch.events)
      failpoint('project-after-rows')
    })
    failpoint('project-after-commit')
    return true
  } catch (error) {
    if (error instanceof Superseded) return false
    throw error
  }
}

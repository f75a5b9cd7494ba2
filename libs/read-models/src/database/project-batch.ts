import { failpoint } from '#libs/failpoint'
import { advancePositions, type PositionStep, type ProjectedPosition } from '../log/positions.js'
import type { ProjectedEvent, Projection } from '../log/projected-event.js'
import type { ReadModels } from './read-models.js'

class Superseded extends Error {}

/** Events of one partition, and its positions before and after them. */
export interface PartitionEvents extends PositionStep {
  events: readonly ProjectedEvent[]
}

/**
 * Applies events of one partition to a projection and advances its position, in one transaction. False if the position was not as expected,
 * since another process has moved it; nothing is changed then. Throws errors of the projection, and ReadModelsUnavailable.
 */
export function projectBatch(
  readModels: ReadModels,
  projection: Projection,
  partition: number,
  batch: { from: ProjectedPosition; events: readonly ProjectedEvent[]; to: ProjectedPosition },
): Promise<boolean> {
  return projectBatches(readModels, projection, [{ partition, ...batch }])
}

/** Does the same for several partitions in one transaction. False if one of the positions was not as expected. */
export async function projectBatches(
  readModels: ReadModels,
  projection: Projection,
  batches: readonly PartitionEvents[],
): Promise<boolean> {
  failpoint('project-before')
  try {
    // protects: position-with-rows
    await readModels.transaction(async query => {
      // First, so that a second owner of a partition waits for this row before doing any work.
      const advanced = await advancePositions(query, projection.name, batches)
      if (!advanced) throw new Superseded()
      failpoint('project-after-position')
      await projection.apply(
        query,
        batches.flatMap(({ events }) => events),
      )
      failpoint('project-after-rows')
    })
    failpoint('project-after-commit')
    return true
  } catch (error) {
    if (error instanceof Superseded) return false
    throw error
  }
}

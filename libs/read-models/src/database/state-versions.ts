import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { QueryRunner } from 'typeorm'
import { STORED_STATES } from '../catalog/models.js'
import { projectAgain } from './migrations/project-again.js'

/** The version of a decider's states in the tables of the schema. */
@Entity({ name: 'state_version', comment: 'Versions of the deciders whose states the read models store.' })
export class StateVersionRow {
  @PrimaryColumn({ type: 'text', collation: 'C', comment: 'Category of the decider.' })
  category: string

  @Column({ type: 'integer', comment: 'Its stateVersion when the read models were projected.' })
  version: number
}

/** SQL: the stored versions, by category. */
export const STATE_VERSIONS = 'SELECT category, version FROM state_version'

/** A later version of the project has projected the read models. */
class LaterStates extends Error {
  override name = 'LaterStates'

  constructor(categories: readonly string[]) {
    super(
      `a later version has projected the states of ${categories.join(', ')}: start the projector of that version, or rebuild the read models`,
    )
  }
}

/** Whether the tables store states of these versions. */
export function hasStates(rows: readonly StateVersionRow[], versions = STORED_STATES): boolean {
  return rows.length === versions.size && rows.every(({ category, version }) => versions.get(category) === version)
}

/**
 * Projects again if the tables store states of earlier versions, in the caller's transaction. States of later versions are left to
 * readers; for a projector, this throws LaterStates.
 */
export async function adoptStates(
  runner: QueryRunner,
  access: 'read' | 'project',
  versions = STORED_STATES,
): Promise<void> {
  const rows = (await runner.query(STATE_VERSIONS)) as StateVersionRow[]
  if (hasStates(rows, versions)) return
  const later = rows.filter(({ category, version }) => version > (versions.get(category) ?? Infinity))
  if (later.length > 0) {
    if (access === 'read') return
    throw new LaterStates(later.map(({ category }) => category))
  }
  await projectAgain(runner)
  await runner.query('DELETE FROM state_version')
  await runner.query('INSERT INTO state_version SELECT * FROM unnest($1::text[], $2::integer[])', [
    [...versions.keys()],
    [...versions.values()],
  ])
}

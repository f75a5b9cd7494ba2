import type { ClientBase } from 'pg'
import type { DeploymentChange } from '../deployment-history/fold.js'
import { placeKey, type Place } from '../deployment-history/place.js'
import { groupBy } from '../group-by.js'
import { changedRun, changedStretch, type ChangedRun, type ChangedStretch } from './changed-stretch.js'
import { stintsOf, type Run, type Stint } from './step-function.js'
import { appendStints, deleteStints, findStretches, lastStints, putStints, type StoredStint } from './stored.js'

/** Places whose stints are found again at once: all that ever ran there is held in memory. */
const WHOLE_PLACES = 50

/** Finds again what ran when, where a batch has made a difference. */
export async function refreshStints(connection: ClientBase, changes: readonly DeploymentChange[]): Promise<void> {
  const changedRuns = changes.map(changedRun).filter(changed => changed !== undefined)
  const places = [...groupBy(changedRuns, ({ place }) => placeKey(place)).values()]
  if (places.length === 0) return
  const lasts = await lastStints(
    connection,
    places.map(([{ place }]: ChangedRun[]) => place),
  )
  const appended: StoredStint[] = []
  const stretches: ChangedStretch[] = []
  for (const [n, changed] of places.entries()) {
    const stints = appendedStints(lasts[n], changed)
    if (stints) for (const stint of stints) appended.push({ ...stint, place: changed[0]!.place })
    else stretches.push(...changed.map(changedStretch))
  }
  await appendStints(connection, appended)
  await putStints(connection, await refreshStretches(connection, stretches))
}

/** Finds again all that ever ran in some places. */
export async function refreshWholeStints(connection: ClientBase, places: readonly Place[]): Promise<void> {
  for (let first = 0; first < places.length; first += WHOLE_PLACES) {
    const whole = places.slice(first, first + WHOLE_PLACES).map(place => ({ place, from: -Infinity, until: Infinity }))
    await putStints(connection, await refreshStretches(connection, whole))
  }
}

// Nearly all that comes is news: it finished after the last change of its place. From that change on, nothing but what it began with
// has run there, and nothing need be looked for.
function appendedStints(last: Stint | undefined, changed: readonly ChangedRun[]): Stint[] | undefined {
  const since = last?.from ?? -Infinity
  const runs: Run[] = last?.running ? [{ ...last.running, from: since, until: Infinity }] : []
  for (const { before, now } of changed) {
    if (before || !now || now.from <= since) return undefined
    runs.push(now)
  }
  return stintsOf(runs, { from: since + 1, until: Infinity })
}

/** Takes away what no longer holds in some stretches; the stints that are to be put there. Stretches may overlap. */
async function refreshStretches(connection: ClientBase, stretches: readonly ChangedStretch[]): Promise<StoredStint[]> {
  const put = new Map<string, StoredStint>()
  const gone = new Map<string, StoredStint>()
  if (stretches.length === 0) return []
  for (const { place, stints, runs, ...stretch } of await findStretches(connection, stretches)) {
    const key = ({ from }: Stint) => JSON.stringify([place.tenant, place.application, place.environmentName, from])
    const stored = new Map(stints.map(stint => [key(stint), stint]))
    for (const stint of stintsOf(runs, stretch)) {
      const before = stored.get(key(stint))
      if (!before || !isSame(before, stint)) put.set(key(stint), { ...stint, place })
      stored.delete(key(stint))
    }
    for (const [k, stint] of stored) gone.set(k, { ...stint, place })
  }
  await deleteStints(connection, [...gone.values()])
  return [...put.values()]
}

function isSame(a: Stint, b: Stint): boolean {
  return (
    a.byRollback === b.byRollback &&
    a.running?.deploymentId === b.running?.deploymentId &&
    a.running?.deployedAt === b.running?.deployedAt
  )
}

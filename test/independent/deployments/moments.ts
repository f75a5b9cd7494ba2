import type { Deployment } from './deployments.js'
import type { RawRecord } from '../log/log-reader.js'
import { finish, instant, removed, rolledBack, start } from './places.js'

/** `asOf`: what happened until then; `knownAt`: what was recorded until then. Both included. */
export interface Moment {
  asOf?: string | undefined
  knownAt?: string | undefined
}

/** Of each stream the events that were recorded by then, up to the first that was not. */
export function knownBy(records: RawRecord[], knownAt: string | undefined): RawRecord[] {
  if (knownAt === undefined) return records
  const unknown = new Set<string>()
  return records.filter(({ headers }) => {
    const stream = headers['ce_subject']!
    if (instant(headers['ce_recordedtime']!) > instant(knownAt)) unknown.add(stream)
    return !unknown.has(stream)
  })
}

/** The deployments that had started by then, as they stood: what had not finished is pending, what was rolled back or removed later is not yet. */
export function asOf(deployments: Deployment[], moment: string | undefined): Deployment[] {
  if (moment === undefined) return deployments
  const t = instant(moment)
  return deployments.filter(deployment => start(deployment) <= t).map(deployment => standing(deployment, t))
}

function standing(deployment: Deployment, t: number): Deployment {
  const { removedAt, ...others } = deployment.more
  const told = (removed(deployment) ?? Infinity) <= t ? { ...others, removedAt } : others
  const finished = finish(deployment) <= t
  if (finished && (rolledBack(deployment) ?? t) <= t) return { ...deployment, more: told }
  const { rolledBackAt: _1, rollbackReason: _2, ...more } = told
  if (!finished) {
    const { failureReason: _3, ...untold } = more
    return { ...deployment, status: 'PENDING', succeeded: false, completedAt: undefined, more: untold }
  }
  return { ...deployment, status: deployment.succeeded ? 'DEPLOYED' : (deployment.markedAs ?? 'FAILED'), more }
}

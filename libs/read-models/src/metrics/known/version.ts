import type { KnownIncident } from './known-incidents.js'
import { evolveRecord, eventTypes, type DeploymentEvent, type DeploymentRecord } from '#libs/contracts'

/** The facts of a deployment version that affect metrics; instants in milliseconds since 1970. */
export interface Facts {
  /** By the pipeline's name; whether it is one of the requested ones, and whether it is the pipeline's first one. */
  environment: string
  here: boolean
  origin: boolean
  tag: string
  status: DeploymentRecord['status']
  succeeded: boolean
  start: number
  /** When it was completed, else its start. */
  finish: number
  completed: boolean
  rolledBack: number | undefined
  removed: number | undefined
  rollbackOf: string | undefined
  unplanned: boolean
  /** By commit of the list, its time. Shared by the versions of a deployment between which it was not corrected. */
  commits: ReadonlyMap<string, number>
  /** The single commit, which may be in the list as well. */
  gitCommit: string | undefined
}

/** When a success stopped being active, or would have: never active if that is its finish. Recorded as rolled back without a time, it is. */
export function activeUntil({ status, rolledBack, finish }: Facts): number {
  return status === 'ROLLED_BACK' ? (rolledBack ?? finish) : Infinity
}

export const succeededHere = ({ here, succeeded }: Facts): boolean => here && succeeded

/** Whether it never ran: it counts as nothing else. */
export const isCancelled = ({ status }: Facts): boolean => status === 'CANCELLED'

/** All commits, each once. */
export function shasOf({ commits, gitCommit }: Facts): string[] {
  const shas = [...commits.keys()]
  return gitCommit === undefined || commits.has(gitCommit) ? shas : [...shas, gitCommit]
}

/** A deployment of an application: the log position of the event that recorded it. */
export interface KnownDeployment {
  id: string
  recordedSeq: number
  /** Whether it is requested itself, rather than only affecting others. */
  isCounted: boolean
}

/** A version of a deployment, and its event. */
export interface Version {
  /** Index of the deployment. */
  deployment: number
  facts: Facts
  /** When it and all previous events of the stream were recorded, milliseconds since 1970. */
  knownMs: number
  partition: number
  seq: number
  /** Version in the deployment's stream. */
  version: number
}

/** The deployments of an application and all their versions, in the order of their events; one version of each is current at a time. */
export interface History {
  deployments: readonly KnownDeployment[]
  versions: readonly Version[]
  incidents: readonly KnownIncident[]
}

/** Commits of a list; the first mention of a commit counts. */
export function firstMentions(commits: Iterable<readonly [sha: string, committedMs: number]>): Facts['commits'] {
  const first = new Map<string, number>()
  for (const [sha, at] of commits) if (!first.has(sha)) first.set(sha, at)
  return first
}

/** The facts of a record. @param where in which of the environments it is */
function factsOf(
  record: DeploymentRecord,
  where: Pick<Facts, 'environment' | 'here' | 'origin'>,
  commits: Facts['commits'],
): Facts {
  return {
    environment: where.environment,
    // A voided one is nowhere.
    here: where.here && !record.voided,
    origin: where.origin && !record.voided,
    tag: record.imageTag,
    status: record.status,
    succeeded: record.succeeded,
    start: Date.parse(record.deployedAt),
    finish: Date.parse(record.completedAt ?? record.deployedAt),
    completed: record.completedAt !== undefined,
    rolledBack: record.rolledBackAt === undefined ? undefined : Date.parse(record.rolledBackAt),
    removed: record.removedAt === undefined ? undefined : Date.parse(record.removedAt),
    rollbackOf: record.rollbackOf?.toLowerCase(),
    unplanned: record.unplanned ?? false,
    commits,
    gitCommit: record.gitCommit,
  }
}

/** An event of a deployment in its audit trail. */
export type TrailEvent = [version: number, seq: number, recordedMs: number, type: string, data: object]

const types = new Map(Object.entries(eventTypes).map(([name, { ceType }]) => [ceType, name]))

/** The versions of a deployment, one per event; the caller sets `deployment`. */
export function versionsOf(
  events: readonly TrailEvent[],
  slot: Pick<Version, 'partition'> & Pick<Facts, 'environment' | 'here' | 'origin'>,
): Version[] {
  let record: DeploymentRecord | undefined
  let knownMs = -Infinity
  let commits: Facts['commits'] = new Map()
  return events.map(([version, seq, recordedMs, type, data]) => {
    const before = record
    record = evolveRecord(record, { ...data, type: types.get(type) } as DeploymentEvent)
    if (record.commits !== before?.commits) {
      commits = firstMentions((record.commits ?? []).map(({ sha, committedAt }) => [sha, Date.parse(committedAt)]))
    }
    knownMs = Math.max(knownMs, recordedMs)
    const { partition } = slot
    return { deployment: -1, facts: factsOf(record, slot, commits), knownMs, partition, seq, version }
  })
}

import { evolveRecord, eventTypes, type DeploymentEvent, type DeploymentRecord } from '#libs/contracts'

/** What of a version of a deployment makes metrics; instants in milliseconds since 1970. */
export interface Facts {
  /** Whether it is of the environment that is asked about, and whether of the first one of the pipeline. */
  here: boolean
  origin: boolean
  tag: string
  status: DeploymentRecord['status']
  succeeded: boolean
  start: number
  /** When it was completed, else its start. */
  finish: number
  completed: boolean
  rollbackOf: string | undefined
  unplanned: boolean
  /** By commit of the list, when that was committed. Shared by the versions of a deployment. */
  commits: ReadonlyMap<string, number>
  /** The single commit, which may be in the list too. */
  gitCommit: string | undefined
}

export const succeededHere = ({ here, succeeded }: Facts): boolean => here && succeeded

/** All commits, each once. */
export function shasOf({ commits, gitCommit }: Facts): string[] {
  const shas = [...commits.keys()]
  return gitCommit === undefined || commits.has(gitCommit) ? shas : [...shas, gitCommit]
}

/** A deployment of one application: place in the log of the event that recorded it. */
export interface KnownDeployment {
  id: string
  recordedSeq: number
}

/** A version of a deployment, and the event that made it. */
export interface Version {
  /** Index of the deployment. */
  deployment: number
  facts: Facts
  /** When it and all events before it of the stream were recorded, milliseconds since 1970. */
  knownMs: number
  partition: number
  seq: number
  /** Of the deployment's stream. */
  version: number
}

/** The deployments of an application and all of their versions, in the order of the events that made them; one version of each holds at a time. */
export interface History {
  deployments: readonly KnownDeployment[]
  versions: readonly Version[]
}

/** Place of an event in the order in which events became known; within one millisecond that is the order of the log. */
export type EventKey = Pick<Version, 'knownMs' | 'partition' | 'seq'>

export function compareKeys(a: EventKey, b: EventKey): number {
  return a.knownMs - b.knownMs || a.partition - b.partition || a.seq - b.seq
}

/** Commits of a list as it was told; the first mention of a commit counts. */
export function firstMentions(commits: Iterable<readonly [sha: string, committedMs: number]>): Facts['commits'] {
  const first = new Map<string, number>()
  for (const [sha, at] of commits) if (!first.has(sha)) first.set(sha, at)
  return first
}

/** The facts of a record. @param where which of the environments it is of */
function factsOf(record: DeploymentRecord, where: Pick<Facts, 'here' | 'origin'>, commits: Facts['commits']): Facts {
  return {
    here: where.here,
    origin: where.origin,
    tag: record.imageTag,
    status: record.status,
    succeeded: record.succeeded,
    start: Date.parse(record.deployedAt),
    finish: Date.parse(record.completedAt ?? record.deployedAt),
    completed: record.completedAt !== undefined,
    rollbackOf: record.rollbackOf?.toLowerCase(),
    unplanned: record.unplanned ?? false,
    commits,
    gitCommit: record.gitCommit,
  }
}

/** An event of a deployment as it stands in the trail. */
export type TrailEvent = [version: number, seq: number, recordedMs: number, type: string, data: object]

const types = new Map(Object.entries(eventTypes).map(([name, { ceType }]) => [ceType, name]))

/** The versions of a deployment, event by event; `deployment` is to be filled in. */
export function versionsOf(
  events: readonly TrailEvent[],
  slot: Pick<Version, 'partition'> & Pick<Facts, 'here' | 'origin'>,
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

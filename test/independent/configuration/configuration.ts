import type { RawRecord } from '../log/log-reader.js'

type Kind = 'configuration' | 'flag'

/** What an event says stands under a key. */
interface Entry {
  value?: unknown
  sealed?: { hash: string }
  description?: string
}

interface Change {
  kind: Kind
  key: string
  before?: Entry
  after?: Entry
  restoredRevision?: number
}

/** A key at one time, as the events tell it. */
export interface KeyVersion {
  kind: Kind
  key: string
  /** Left out: it was deleted. */
  entry?: Entry
  revision: number
  updatedAt: string
  updatedBy?: string
  promotionId?: string
  /** It was a secret, or became one later: nobody is shown what it was. */
  masked?: true
}

/** Which of the events count: what happened until then, and what was recorded until then, both included. */
export interface Moment {
  asOf?: string
  knownAt?: string
}

/** The configuration and the flags of one environment by its events: each version of each key, oldest first. */
export class EnvironmentHistory {
  private readonly versions = new Map<string, KeyVersion[]>()
  /** What revision each key has for promotions, and what it had before each of them. */
  private readonly promoted = new Map<string, number>()
  revision = 0

  /** Throws where an event contradicts those before it. */
  constructor(records: RawRecord[], tenant: string, environment: string, { asOf, knownAt }: Moment = {}) {
    const until = (time: string | undefined, end: string | undefined) =>
      end === undefined || Date.parse(time ?? '') <= Date.parse(end)
    for (const { headers, value } of records) {
      if (headers['ce_type'] !== 'io.shiplog.configuration.changed.v1') continue
      if (headers['ce_subject'] !== `configuration-${tenant}/${environment}`) continue
      if (!until(headers['ce_time'], asOf) || !until(headers['ce_recordedtime'], knownAt)) continue
      this.apply(JSON.parse(value), Number(headers['ce_streamversion']))
    }
  }

  /** What is there, by kind and key. */
  current(kind: Kind): Map<string, KeyVersion> {
    const latest = [...this.versions.values()].map(versions => versions.at(-1)!)
    const there = latest.filter(version => version.kind === kind && version.entry)
    return new Map(there.map(version => [version.key, version]))
  }

  /** Every version of a key, newest first. */
  history(kind: Kind, key: string): KeyVersion[] {
    return (this.versions.get(placeOf(kind, key)) ?? []).toReversed()
  }

  private apply(
    event: {
      changedAt: string
      by?: string
      changes: Change[]
      cause?: { promotionId: string; action: string }
    },
    revision: number,
  ) {
    if (revision <= this.revision) throw new Error(`revision ${revision} comes after ${this.revision}`)
    this.revision = revision
    for (const { kind, key, before, after, restoredRevision } of event.changes) {
      const place = placeOf(kind, key)
      const versions = this.versions.get(place) ?? []
      const held = versions.at(-1)?.entry
      if (plain(held) !== plain(before)) throw new Error(`${place} in revision ${revision} was not what it says it was`)
      if (after?.sealed) for (const version of versions) if (version.entry) version.masked = true
      this.promote(place, revision, event.cause, restoredRevision)
      versions.push({
        kind,
        key,
        ...(after && { entry: after }),
        revision,
        updatedAt: event.changedAt,
        ...(event.by !== undefined && { updatedBy: event.by }),
        ...(event.cause && { promotionId: event.cause.promotionId }),
        ...(after?.sealed && { masked: true }),
      })
      this.versions.set(place, versions)
    }
  }

  /** Throws where a rollback does not restore the revision that a key had before the promotion. */
  private promote(place: string, revision: number, cause?: { promotionId: string; action: string }, restored?: number) {
    const before = `${cause?.promotionId} ${place}`
    if (cause?.action === 'executed') this.promoted.set(before, this.promoted.get(place) ?? 0)
    if (cause?.action === 'rolledback' && restored !== this.promoted.get(before)) {
      throw new Error(`${place}: ${restored} is not what it was before promotion ${cause.promotionId}`)
    }
    this.promoted.set(place, restored ?? revision)
  }
}

/** Where in the log each key was last a secret, by the name of its stream and the key. */
export function lastSecrets(records: RawRecord[], tenant: string): Map<string, number> {
  const secrets = new Map<string, number>()
  for (const { headers, value } of records) {
    const [, environment] = headers['ce_subject']?.split(`configuration-${tenant}/`) ?? []
    if (headers['ce_tenant'] !== tenant || environment === undefined) continue
    const { changes } = JSON.parse(value) as { changes: Change[] }
    for (const { key, after } of changes) {
      if (after?.sealed) secrets.set(`${environment} ${key}`, Number(headers['ce_ledgerseq']))
    }
  }
  return secrets
}

/** How two environments differ in one kind, key by key, in the order of code points. */
export interface ConfigurationDiff {
  added: string[]
  modified: string[]
  removed: string[]
  unchanged: number
}

/** Compares two environments by walking both. */
export function diffOf(source: EnvironmentHistory, target: EnvironmentHistory, kind: Kind): ConfigurationDiff {
  const [here, there] = [source.current(kind), target.current(kind)]
  const diff: ConfigurationDiff = { added: [], modified: [], removed: [], unchanged: 0 }
  for (const key of [...new Set([...here.keys(), ...there.keys()])].toSorted(byCodePoint)) {
    const [from, to] = [here.get(key)?.entry, there.get(key)?.entry]
    if (!to) diff.added.push(key)
    else if (!from) diff.removed.push(key)
    else if (sameValue(from, to)) diff.unchanged++
    else diff.modified.push(key)
  }
  return diff
}

/** Whether two entries hold one value: secrets by their keyed hash, all else by what it says. */
export function sameValue(a: Entry, b: Entry): boolean {
  if (a.sealed || b.sealed) return a.sealed?.hash === b.sealed?.hash
  return plain(a.value) === plain(b.value)
}

/** A JSON value as text, its members in order. */
export function plain(value: unknown): string {
  return (
    JSON.stringify(value, (_, part: unknown) => {
      if (part === null || typeof part !== 'object' || Array.isArray(part)) return part
      return Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    }) ?? 'nothing'
  )
}

function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

function placeOf(kind: Kind, key: string): string {
  return `${kind} ${key}`
}

import {
  configurationKinds,
  equalJson,
  type ConfigurationChange,
  type ConfigurationEntry,
  type ConfigurationEvent,
  type ConfigurationKind,
} from '#libs/contracts'

/** A key of an environment, also a deleted one: its revision is compared as the revision of its absence. */
export interface KeyEntry {
  /** Absent: the key was deleted. */
  entry?: ConfigurationEntry
  /** Revision of the environment at its last change. */
  revision: number
  changedAt: string
  by?: string
  /** The revision that promotions compare, if the rollback of a promotion restored the key. */
  restoredRevision?: number
  /** The promotion whose execution was its last change. */
  promotionId?: string
  /** The log has a value of this key in plain text. */
  inClear?: true
}

/** The configurations and flags of one environment. `revision` is the number of its changes. */
export interface Configuration {
  environment?: string
  revision: number
  keys: Record<ConfigurationKind, Record<string, KeyEntry>>
}

export const emptyConfiguration: Configuration = { revision: 0, keys: { configuration: {}, flag: {} } }

/** Applies one event. */
export function evolveConfiguration(configuration: Configuration, event: ConfigurationEvent): Configuration {
  const { environment, changes } = event
  const revision = configuration.revision + 1
  const keys = { ...configuration.keys }
  for (const kind of configurationKinds) {
    if (!changes.some(change => change.kind === kind)) continue
    // A Map, since an object with thousands of keys is slow to change.
    const entries = new Map(Object.entries(keys[kind]))
    for (const change of changes) {
      if (change.kind === kind) entries.set(change.key, changedEntry(configuration, event, change, revision))
    }
    keys[kind] = Object.fromEntries(entries)
  }
  return { environment, revision, keys }
}

/** A key after a change. */
function changedEntry(
  configuration: Configuration,
  { changedAt, by, cause }: ConfigurationEvent,
  { kind, key, after, restoredRevision }: ConfigurationChange,
  revision: number,
): KeyEntry {
  const changed: KeyEntry = after ? { entry: after, revision, changedAt } : { revision, changedAt }
  if (by !== undefined) changed.by = by
  if (restoredRevision !== undefined) changed.restoredRevision = restoredRevision
  if (cause?.action === 'executed') changed.promotionId = cause.promotionId
  if ((after && !after.sealed) || inClear(configuration, kind, key)) changed.inClear = true
  return changed
}

/** The entry of a key; `undefined`: the key does not exist. */
export function entryOf(
  configuration: Configuration,
  kind: ConfigurationKind,
  key: string,
): ConfigurationEntry | undefined {
  return entryAt(configuration, kind, key)?.entry
}

/** The revision of a key that promotions compare: a rollback restores the previous one; 0: the key never existed. */
export function revisionOf(configuration: Configuration, kind: ConfigurationKind, key: string): number {
  const keyEntry = entryAt(configuration, kind, key)
  return keyEntry?.restoredRevision ?? keyEntry?.revision ?? 0
}

/** The promotion whose execution was the last change of a key. */
export function promotionOf(configuration: Configuration, kind: ConfigurationKind, key: string): string | undefined {
  return entryAt(configuration, kind, key)?.promotionId
}

/** Whether the log has a value of a key in plain text. */
export function inClear(configuration: Configuration, kind: ConfigurationKind, key: string): boolean {
  return entryAt(configuration, kind, key)?.inClear ?? false
}

/** The existing keys of a kind, sorted. */
export function existingKeys(configuration: Configuration, kind: ConfigurationKind): string[] {
  const entries = configuration.keys[kind]
  return Object.keys(entries)
    .filter(key => entries[key]!.entry)
    .toSorted()
}

export function isEmpty({ keys }: Configuration): boolean {
  return configurationKinds.every(kind => Object.values(keys[kind]).every(({ entry }) => !entry))
}

/** Whether two entries have the same value: by canonical JSON, secrets by their keyed hash. Two absent entries do. */
export function sameValue(a: ConfigurationEntry | undefined, b: ConfigurationEntry | undefined): boolean {
  if (!a || !b) return a === b
  if (a.sealed || b.sealed) return a.sealed?.hash === b.sealed?.hash
  return equalJson(a.value, b.value)
}

/** A key, also a deleted one; `undefined`: it never existed. */
export function entryAt(configuration: Configuration, kind: ConfigurationKind, key: string): KeyEntry | undefined {
  return Object.hasOwn(configuration.keys[kind], key) ? configuration.keys[kind][key] : undefined
}

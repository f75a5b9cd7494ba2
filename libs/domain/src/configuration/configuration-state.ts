import {
  configurationKinds,
  equalJson,
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
  const { environment, changedAt, by, cause } = event
  const executed = cause?.action === 'executed' && { promotionId: cause.promotionId }
  const revision = configuration.revision + 1
  const keys = { ...configuration.keys }
  for (const kind of configurationKinds) {
    const changes = event.changes.filter(change => change.kind === kind)
    if (changes.length === 0) continue
    const entries = changes.map(({ key, after, restoredRevision }): [string, KeyEntry] => {
      const restored = restoredRevision !== undefined && { restoredRevision }
      const who = by !== undefined && { by }
      const clear = ((after && !after.sealed) || inClear(configuration, kind, key)) && { inClear: true as const }
      return [key, { ...(after && { entry: after }), revision, changedAt, ...who, ...restored, ...executed, ...clear }]
    })
    keys[kind] = { ...keys[kind], ...Object.fromEntries(entries) }
  }
  return { environment, revision, keys }
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
  const keys = Object.entries(configuration.keys[kind]).flatMap(([key, { entry }]) => (entry ? [key] : []))
  return keys.toSorted()
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

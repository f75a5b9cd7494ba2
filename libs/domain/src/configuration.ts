import {
  configurationKinds,
  equalJson,
  namesList,
  refuse,
  secretMask,
  type ChangeConfiguration,
  type ConfigurationChange,
  type ConfigurationChanged,
  type ConfigurationCommand,
  type ConfigurationEntry,
  type ConfigurationEvent,
  type ConfigurationKind,
  type ConfigurationSetting,
  type Decider,
  type Decision,
  type Rejection,
} from '#libs/contracts'
import { unmatchedRevision } from './precondition.js'

/** What stands under a key, or stood there: the revision of a key that was deleted goes on counting as its absence's. */
export interface HeldKey {
  /** Left out: it was deleted. */
  entry?: ConfigurationEntry
  /** Revision of the environment at which it last changed. */
  revision: number
  changedAt: string
  by?: string
  /** The revision that it has for promotions, where the rollback of one restored what it was then. */
  restoredRevision?: number
  /** The promotion that changed it last by being executed. */
  promotionId?: string
  /** A value of it was recorded in clear, now or before: the log has it for ever. */
  inClear?: true
}

/** The configurations and flags of one environment. Its revision counts its changes. */
export interface Configuration {
  environment?: string
  revision: number
  keys: Record<ConfigurationKind, Record<string, HeldKey>>
}

/** Name under which the index finds the configurations that hold anything. */
export const configurationsHeld = 'configurations held'

const initial: Configuration = { revision: 0, keys: { configuration: {}, flag: {} } }

function evolve(configuration: Configuration, event: ConfigurationEvent): Configuration {
  const { environment, changedAt, by, cause } = event
  const executed = cause?.action === 'executed' && { promotionId: cause.promotionId }
  const revision = configuration.revision + 1
  const keys = { ...configuration.keys }
  for (const kind of configurationKinds) {
    const changes = event.changes.filter(change => change.kind === kind)
    if (changes.length === 0) continue
    const held = changes.map(({ key, after, restoredRevision }): [string, HeldKey] => {
      const restored = restoredRevision !== undefined && { restoredRevision }
      const who = by !== undefined && { by }
      const clear = ((after && !after.sealed) || inClear(configuration, kind, key)) && { inClear: true as const }
      return [key, { ...(after && { entry: after }), revision, changedAt, ...who, ...restored, ...executed, ...clear }]
    })
    keys[kind] = { ...keys[kind], ...Object.fromEntries(held) }
  }
  return { environment, revision, keys }
}

/** What stands under a key; `undefined`: nothing. */
export function entryOf(
  configuration: Configuration,
  kind: ConfigurationKind,
  key: string,
): ConfigurationEntry | undefined {
  return heldKey(configuration, kind, key)?.entry
}

/** Revision of a key as promotions compare it, 0 where it never was there: what a promotion's rollback restored is what it was. */
export function revisionOf(configuration: Configuration, kind: ConfigurationKind, key: string): number {
  const held = heldKey(configuration, kind, key)
  return held?.restoredRevision ?? held?.revision ?? 0
}

/** The promotion that changed a key last by being executed. */
export function promotionOf(configuration: Configuration, kind: ConfigurationKind, key: string): string | undefined {
  return heldKey(configuration, kind, key)?.promotionId
}

/** Whether a value of a key was ever recorded in clear. */
export function inClear(configuration: Configuration, kind: ConfigurationKind, key: string): boolean {
  return heldKey(configuration, kind, key)?.inClear ?? false
}

/** Which keys these changes make secrets whose values the log has in clear. @param configuration before or after them */
function disclosedKeys(configuration: Configuration, changes: readonly ConfigurationChange[]): string[] {
  const marked = changes.filter(({ before, after }) => after?.sealed && !before?.sealed)
  return marked.filter(({ kind, key }) => inClear(configuration, kind, key)).map(({ key }) => key)
}

/** The keys of a kind that are there, in one order. */
export function presentKeys(configuration: Configuration, kind: ConfigurationKind): string[] {
  const keys = Object.entries(configuration.keys[kind]).flatMap(([key, { entry }]) => (entry ? [key] : []))
  return keys.toSorted()
}

function isEmpty({ keys }: Configuration): boolean {
  return configurationKinds.every(kind => Object.values(keys[kind]).every(({ entry }) => !entry))
}

/** Whether two keys hold the same value: by canonical JSON, secrets by their keyed hash, absence equals absence. */
export function sameValue(a: ConfigurationEntry | undefined, b: ConfigurationEntry | undefined): boolean {
  if (!a || !b) return a === b
  if (a.sealed || b.sealed) return a.sealed?.hash === b.sealed?.hash
  return equalJson(a.value, b.value)
}

function change(command: ChangeConfiguration, configuration: Configuration): Decision<ConfigurationChanged> {
  const { environment, kind, now, by } = command
  const refused =
    unmatched(command, configuration) ?? unsealed(command, configuration) ?? maskOfNothing(command, configuration)
  if (refused) return refused
  const set = command.set.flatMap(setting => settingChange(setting, kind, configuration))
  const given = new Set(command.set.map(({ key }) => key))
  const gone = command.replace
    ? presentKeys(configuration, kind).filter(key => !given.has(key))
    : [...new Set(command.delete)]
  const deleted = gone.flatMap((key): ConfigurationChange[] => {
    const before = entryOf(configuration, kind, key)
    return before ? [{ kind, key, before }] : []
  })
  const changes = [...set, ...deleted]
  if (changes.length === 0) return []
  return [{ type: 'ConfigurationChanged', environment, changedAt: now, ...(by !== undefined && { by }), changes }]
}

function settingChange(
  setting: ConfigurationSetting,
  kind: ConfigurationKind,
  configuration: Configuration,
): ConfigurationChange[] {
  const { key, value, sealed } = setting
  const before = entryOf(configuration, kind, key)
  const description = setting.description ?? before?.description
  const described = description !== undefined && { description }
  // An answer shows a secret by its mask: written back, that leaves it as it is.
  const kept = isKept(setting, before) ? before?.sealed : sealed
  const after = isSecret(setting, before) ? { sealed: kept!, ...described } : { value, ...described }
  const same = sameValue(before, after) && before?.description === after.description
  return same ? [] : [{ kind, key, ...(before && { before }), after }]
}

/** A secret stays one unless it is said not to be. */
function isSecret({ secret }: ConfigurationSetting, before: ConfigurationEntry | undefined): boolean {
  return secret ?? before?.sealed !== undefined
}

function unsealed({ set, kind }: ChangeConfiguration, configuration: Configuration): Rejection | undefined {
  const open = set.filter(setting => isSecret(setting, entryOf(configuration, kind, setting.key)) && !setting.sealed)
  if (open.length === 0) return undefined
  return refuse(
    'unprocessable',
    'secrets cannot be kept: there is no key to seal them with. Set SHIPLOG_SECRETS_KEY.',
    { errors: open.map(({ key }) => ({ detail: `${key} is a secret` })), dependsOnState: true },
  )
}

function isKept({ value, secret }: ConfigurationSetting, before: ConfigurationEntry | undefined): boolean {
  return value === secretMask && secret !== false && before?.sealed !== undefined
}

/** A mask where there is no secret to keep would be taken for its value: it came from another environment. */
function maskOfNothing({ set, kind, replace }: ChangeConfiguration, configuration: Configuration) {
  const masks = set.filter(setting => {
    const before = entryOf(configuration, kind, setting.key)
    const meansSecret = replace || setting.secret === true || before?.sealed !== undefined
    return setting.value === secretMask && meansSecret && !isKept(setting, before) && before?.value !== secretMask
  })
  if (masks.length === 0) return undefined
  const keys = namesList(masks.map(({ key }) => key))
  return refuse('unprocessable', `the mask of a secret is no value: say the value of ${keys}, or leave it out`, {
    errors: masks.map(({ key }) => ({ detail: `${key} holds no secret that its mask could keep` })),
    dependsOnState: true,
  })
}

function unmatched({ ifMatch, ifRevision, kind, ...command }: ChangeConfiguration, configuration: Configuration) {
  if (ifRevision !== undefined) {
    const { revision } = configuration
    return unmatchedRevision(`the configuration of ${command.environment}`, revision, ifRevision)
  }
  if (ifMatch === undefined) return undefined
  const key = command.set[0]?.key ?? command.delete[0]!
  const held = heldKey(configuration, kind, key)
  return unmatchedRevision(`the ${kind} ${key}`, held?.entry ? held.revision : 0, ifMatch)
}

function heldKey(configuration: Configuration, kind: ConfigurationKind, key: string): HeldKey | undefined {
  return Object.hasOwn(configuration.keys[kind], key) ? configuration.keys[kind][key] : undefined
}

/** What an answer keeps of a configuration, which can be megabytes: what was done, and the key where it was one. */
export interface ConfigurationReply {
  environment: string
  revision: number
  /** How many keys were set, and deleted. */
  set: number
  deleted: number
  /** The only key of the command, as it is now; `created`: it was not there before. */
  only?: HeldKey & { created: boolean }
  /** Keys that became secrets, and whose values the log has in clear. */
  disclosed?: string[]
}

function reply(
  configuration: Configuration,
  event: ConfigurationEvent | undefined,
  command: ConfigurationCommand | undefined,
): ConfigurationReply {
  const { revision, environment = command?.environment ?? '' } = configuration
  const changes = event?.changes ?? []
  const deleted = changes.filter(({ after }) => !after).length
  const key = event ? event.changes[0]! : command && onlyKey(command)
  const held = changes.length < 2 && key && heldKey(configuration, key.kind, key.key)
  const created = event !== undefined && !event.changes[0]!.before
  const disclosed = disclosedKeys(configuration, changes)
  return {
    environment,
    revision,
    set: changes.length - deleted,
    deleted,
    ...(held && { only: { ...held, created } }),
    ...(disclosed.length > 0 && { disclosed }),
  }
}

function onlyKey({ kind, set, replace }: ConfigurationCommand) {
  return set.length === 1 && !replace ? { kind, key: set[0]!.key } : undefined
}

/** The decider of an environment's configuration. */
export const configuration: Decider<Configuration, ConfigurationCommand, ConfigurationEvent> = {
  category: 'configuration',
  stateVersion: 2,
  // As many keys as one request may set, with their values, and what is kept beside each.
  mostStateBytes: 6 * 1024 * 1024,
  initial,
  evolve,
  decide: change,
  answer: reply,
  // All configurations and promotions of a tenant share one order.
  orderingKey: () => undefined,
  indexEntries: held => (isEmpty(held) ? [] : [{ name: configurationsHeld, place: '', rank: '' }]),
}

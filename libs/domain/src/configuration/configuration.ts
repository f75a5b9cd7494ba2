import {
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
import {
  emptyConfiguration,
  entryAt,
  entryOf,
  evolveConfiguration,
  existingKeys,
  inClear,
  isEmpty,
  sameValue,
  type Configuration,
  type KeyEntry,
} from './configuration-state.js'
import { unmatchedRevision } from './precondition.js'

/** Name of the index entries of configurations that are not empty. */
export const nonEmptyConfigurations = 'configurations held'

/** The keys that these changes turn into secrets although the log has values in plain text. @param configuration before or after the changes */
function disclosedKeys(configuration: Configuration, changes: readonly ConfigurationChange[]): string[] {
  const marked = changes.filter(({ before, after }) => after?.sealed && !before?.sealed)
  return marked.filter(({ kind, key }) => inClear(configuration, kind, key)).map(({ key }) => key)
}

function change(command: ChangeConfiguration, configuration: Configuration): Decision<ConfigurationChanged> {
  const { environment, kind, now, by } = command
  const refused =
    unmatched(command, configuration) ?? unsealed(command, configuration) ?? maskOfNothing(command, configuration)
  if (refused) return refused
  const set = command.set.map(setting => settingChange(setting, kind, configuration)).filter(made => made !== undefined)
  const given = new Set(command.set.map(({ key }) => key))
  const gone = command.replace
    ? existingKeys(configuration, kind).filter(key => !given.has(key))
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
): ConfigurationChange | undefined {
  const { key, value, sealed } = setting
  const before = entryOf(configuration, kind, key)
  const description = setting.description ?? before?.description
  // Responses mask secrets. Writing the mask back keeps the value.
  const kept = isKept(setting, before) ? before?.sealed : sealed
  const after: ConfigurationEntry = isSecret(setting, before) ? { sealed: kept! } : { value }
  if (description !== undefined) after.description = description
  const same = sameValue(before, after) && before?.description === after.description
  if (same) return undefined
  return before ? { kind, key, before, after } : { kind, key, after }
}

/** A secret stays a secret unless the command says otherwise. */
function isSecret({ secret }: ConfigurationSetting, before: ConfigurationEntry | undefined): boolean {
  return secret ?? before?.sealed !== undefined
}

function unsealed({ set, kind }: ChangeConfiguration, configuration: Configuration): Rejection | undefined {
  const open = set.filter(setting => isSecret(setting, entryOf(configuration, kind, setting.key)) && !setting.sealed)
  if (open.length === 0) return undefined
  return refuse(
    'unprocessable',
    'secrets cannot be stored: no encryption key is configured. Set SHIPLOG_SECRETS_KEY.',
    { errors: open.map(({ key }) => ({ detail: `the key ${key} is a secret` })), dependsOnState: true },
  )
}

function isKept({ value, secret }: ConfigurationSetting, before: ConfigurationEntry | undefined): boolean {
  return value === secretMask && secret !== false && before?.sealed !== undefined
}

/** Rejects a mask if there is no secret that it could keep. It was probably copied from another environment. */
function maskOfNothing({ set, kind, replace }: ChangeConfiguration, configuration: Configuration) {
  const masks = set.filter(setting => {
    const before = entryOf(configuration, kind, setting.key)
    const meansSecret = replace || setting.secret === true || before?.sealed !== undefined
    return setting.value === secretMask && meansSecret && !isKept(setting, before) && before?.value !== secretMask
  })
  if (masks.length === 0) return undefined
  const keys = namesList(masks.map(({ key }) => key))
  return refuse(
    'unprocessable',
    `a masked secret cannot be stored as a value: send the real value of ${keys}, or omit the key`,
    {
      errors: masks.map(({ key }) => ({ detail: `the key ${key} has no secret value that the mask could keep` })),
      dependsOnState: true,
    },
  )
}

function unmatched({ ifMatch, ifRevision, kind, ...command }: ChangeConfiguration, configuration: Configuration) {
  if (ifRevision !== undefined) {
    const { revision } = configuration
    return unmatchedRevision(`the configuration of ${command.environment}`, revision, ifRevision)
  }
  if (ifMatch === undefined) return undefined
  const key = command.set[0]?.key ?? command.delete[0]!
  const keyEntry = entryAt(configuration, kind, key)
  return unmatchedRevision(`the ${kind} ${key}`, keyEntry?.entry ? keyEntry.revision : 0, ifMatch)
}

/** The stored result of a command: a state can be megabytes. */
export interface ConfigurationReply {
  environment: string
  revision: number
  /** Numbers of keys that were set and deleted. */
  set: number
  deleted: number
  /** The only key of the command, as it is now; `created`: it did not exist before. */
  only?: KeyEntry & { created: boolean }
  /** Keys that became secrets although the log has values in plain text. */
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
  const keyEntry = changes.length < 2 && key && entryAt(configuration, key.kind, key.key)
  const created = event !== undefined && !event.changes[0]!.before
  const disclosed = disclosedKeys(configuration, changes)
  return {
    environment,
    revision,
    set: changes.length - deleted,
    deleted,
    ...(keyEntry && { only: { ...keyEntry, created } }),
    ...(disclosed.length > 0 && { disclosed }),
  }
}

function onlyKey({ kind, set, replace }: ConfigurationCommand) {
  return set.length === 1 && !replace ? { kind, key: set[0]!.key } : undefined
}

export const configuration: Decider<Configuration, ConfigurationCommand, ConfigurationEvent> = {
  category: 'configuration',
  stateVersion: 2,
  // As much as one request may set (4 MiB), plus the metadata of each key.
  mostStateBytes: 6 * 1024 * 1024,
  initial: emptyConfiguration,
  evolve: evolveConfiguration,
  decide: change,
  answer: reply,
  // Configurations and promotions of a tenant share one order.
  orderingKey: () => undefined,
  indexEntries: state => (isEmpty(state) ? [] : [{ name: nonEmptyConfigurations, groupKey: '', rank: '' }]),
}

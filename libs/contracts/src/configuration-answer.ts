import {
  configurationId,
  type ConfigurationChange,
  type ConfigurationEntry,
  type ConfigurationKind,
} from './configuration.js'
import type { Json } from './json.js'

/** What is shown in place of a secret. */
export const secretMask = '********'

/** A configuration as every answer shows it. */
export interface ConfigurationAnswer {
  id: string
  key: string
  value: Json
  secret?: true
  description?: string
  /** The environment's revision at which this key last changed: its ETag. */
  revision: number
  updatedAt: string
  updatedBy?: string
}

/** Something to be done about a key. */
export interface ConfigurationWarning {
  key: string
  detail: string
}

/** What there is to do about keys that became secrets, and whose values the log has in clear. */
export function disclosureWarnings(keys: readonly string[]): ConfigurationWarning[] {
  const detail =
    'is a secret from now on and masked in its past, but the log keeps its earlier values in clear: rotate it'
  return keys.map(key => ({ key, detail }))
}

/** A flag as every answer shows it. */
export interface FlagAnswer extends Omit<ConfigurationAnswer, 'value' | 'secret'> {
  enabled: boolean
  variants?: Json
  rules?: Json
}

/** A value that may be shown. */
function shownValue(entry: ConfigurationEntry): Json {
  return entry.sealed ? secretMask : entry.value
}

/** Both sides of a change; both are masked if either is a secret. `undefined`: not there. */
export function shownChange({ before, after }: ConfigurationChange): { before?: Json; after?: Json } {
  const secret = before?.sealed ?? after?.sealed
  const shown = (entry: ConfigurationEntry) => (secret ? secretMask : shownValue(entry))
  return { ...(before && { before: shown(before) }), ...(after && { after: shown(after) }) }
}

/**
 * Shows what stands under a key.
 *
 * @param place `environment` by the pipeline's name
 */
export function presentConfiguration(
  place: { tenant: string; environment: string; kind: ConfigurationKind; key: string },
  entry: ConfigurationEntry,
  { revision, changedAt, by }: { revision: number; changedAt: string; by?: string },
): ConfigurationAnswer | FlagAnswer {
  const { tenant, environment, kind, key } = place
  const head = { id: configurationId(tenant, environment, kind, key), key }
  const { description } = entry
  const tail = {
    ...(description !== undefined && { description }),
    revision,
    updatedAt: changedAt,
    ...(by !== undefined && { updatedBy: by }),
  }
  if (kind === 'flag') return { ...head, ...(entry.value as { enabled: boolean }), ...tail }
  return { ...head, value: shownValue(entry), ...(entry.sealed && { secret: true as const }), ...tail }
}

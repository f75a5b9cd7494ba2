import {
  configurationId,
  type ConfigurationChange,
  type ConfigurationEntry,
  type ConfigurationKind,
} from './configuration.js'
import type { Json } from '../schema/json.js'

/** Replaces a secret value in responses. */
export const secretMask = '********'

/** A configuration in responses. */
export interface ConfigurationResponse {
  id: string
  key: string
  value: Json
  secret?: true
  description?: string
  /** Revision of the environment at the last change of this key; the ETag refers to it. */
  revision: number
  updatedAt: string
  updatedBy?: string
}

/** A warning about a key that needs an action of the caller. */
export interface ConfigurationWarning {
  key: string
  detail: string
}

/** Warnings for keys that became secrets although the log has earlier values in plain text. */
export function disclosureWarnings(keys: readonly string[]): ConfigurationWarning[] {
  const detail =
    'is now a secret and its history is masked, but the log has earlier values in plain text: rotate the secret'
  return keys.map(key => ({ key, detail }))
}

/** A flag in responses. */
export interface FlagResponse extends Omit<ConfigurationResponse, 'value' | 'secret'> {
  enabled: boolean
  variants?: Json
  rules?: Json
}

function presentedValue(entry: ConfigurationEntry): Json {
  return entry.sealed ? secretMask : entry.value
}

/** Both sides of a change; both are masked if either is a secret. `undefined`: the key did not, or does not, exist. */
export function presentedChange({ before, after }: ConfigurationChange): { before?: Json; after?: Json } {
  const secret = before?.sealed ?? after?.sealed
  const presented = (entry: ConfigurationEntry) => (secret ? secretMask : presentedValue(entry))
  return { ...(before && { before: presented(before) }), ...(after && { after: presented(after) }) }
}

/** A configuration or flag as a response body. @param location `environment` is the name in the pipeline */
export function presentConfiguration(
  location: { tenant: string; environment: string; kind: ConfigurationKind; key: string },
  entry: ConfigurationEntry,
  { revision, changedAt, by }: { revision: number; changedAt: string; by?: string },
): ConfigurationResponse | FlagResponse {
  const { tenant, environment, kind, key } = location
  const head = { id: configurationId(tenant, environment, kind, key), key }
  const { description } = entry
  const tail = {
    ...(description !== undefined && { description }),
    revision,
    updatedAt: changedAt,
    ...(by !== undefined && { updatedBy: by }),
  }
  if (kind === 'flag') return { ...head, ...(entry.value as { enabled: boolean }), ...tail }
  return { ...head, value: presentedValue(entry), ...(entry.sealed && { secret: true as const }), ...tail }
}

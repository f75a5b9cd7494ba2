import { parse as bytesOfUuid, v5 as uuidV5 } from 'uuid'
import type { Json } from '../schema/json.js'

/** Replaces a secret value in responses. */
export const secretMask = '********'

/** The kinds of keys of an environment: configurations and feature flags. */
export const configurationKinds = ['configuration', 'flag'] as const
export type ConfigurationKind = (typeof configurationKinds)[number]

/** An encrypted secret, as it is in events, tables and memory. */
export interface SealedValue {
  /** Id of the encryption key. */
  keyId: string
  /** AES-256-GCM: nonce, ciphertext and tag, in base64. */
  ciphertext: string
  /** HMAC-SHA256 of the value's canonical JSON: equal for equal values, also under different encryption keys. */
  hash: string
}

/** The content of a key: a value in plain text, or a secret. A flag's value is `{enabled, variants?, rules?}`. */
export type ConfigurationEntry = { description?: string } & (
  { value: Json; sealed?: undefined } | { sealed: SealedValue; value?: undefined }
)

/** A change of one key. Without `before` the key is new; without `after` it was deleted. */
export interface ConfigurationChange {
  kind: ConfigurationKind
  key: string
  before?: ConfigurationEntry
  after?: ConfigurationEntry
  /** Set by a promotion's rollback: the revision before that promotion, which promotions compare again; 0: the key did not exist. */
  restoredRevision?: number
}

/** A key to set. */
export interface ConfigurationSetting {
  key: string
  value: Json
  /** The same value, encrypted, in case the key is a secret. Absent if no encryption key is configured. */
  sealed?: SealedValue
  /** Omitted: unchanged. */
  secret?: boolean
  /** Omitted: unchanged. */
  description?: string
}

/** The revisions of an `If-Match`, one of which must be current; 0: must not exist; `*`: must exist. */
export type WantedRevision = readonly number[] | '*'

/** Changes keys of one kind in one environment, atomically. */
export interface ChangeConfiguration {
  type: 'ChangeConfiguration'
  /** Name of the environment in the pipeline. */
  environment: string
  kind: ConfigurationKind
  now: string
  by?: string
  set: ConfigurationSetting[]
  delete: string[]
  /** Deletes every key that is not in `set`. */
  replace?: boolean
  /** Required revision of the only key of this command. */
  ifMatch?: WantedRevision
  /** Required revision of the environment, for a command on many keys. */
  ifRevision?: WantedRevision
}

export type ConfigurationCommand = ChangeConfiguration

/** The promotion that changed a configuration. */
export interface ConfigurationCause {
  promotionId: string
  action: 'executed' | 'rolledback'
}

export interface ConfigurationChanged {
  type: 'ConfigurationChanged'
  environment: string
  changedAt: string
  by?: string
  changes: ConfigurationChange[]
  cause?: ConfigurationCause
}

export type ConfigurationEvent = ConfigurationChanged

// Namespace of the ids. It must never change: promotions select keys by id.
const CONFIGURATION_NAMESPACE = bytesOfUuid('5d1f4a0e-9b7c-5f43-8a51-6a4a2f0c7e11')

/** The permanent id of a configuration or flag. @param environment its name in the pipeline */
export function configurationId(tenant: string, environment: string, kind: ConfigurationKind, key: string): string {
  return uuidV5(JSON.stringify([tenant, environment, kind, key]), CONFIGURATION_NAMESPACE)
}

import { v5 as uuidV5 } from 'uuid'
import type { Json } from './json.js'

/** What an environment holds under keys: configurations, and feature flags. */
export const configurationKinds = ['configuration', 'flag'] as const
export type ConfigurationKind = (typeof configurationKinds)[number]

/** A secret value as events, tables and memory carry it: nobody reads it without the key that sealed it. */
export interface SealedValue {
  /** Names the key. */
  keyId: string
  /** AES-256-GCM: nonce, ciphertext and tag in base64. */
  ciphertext: string
  /** Keyed hash of the value's canonical JSON (HMAC-SHA256): equal for equal values, whichever key sealed them. */
  hash: string
}

/** What stands under a key: a value in clear, or sealed. A flag's value is `{enabled, variants?, rules?}`. */
export type ConfigurationEntry = { description?: string } & (
  { value: Json; sealed?: undefined } | { sealed: SealedValue; value?: undefined }
)

/** One key that changed; a side that is absent was, or is, not there. */
export interface ConfigurationChange {
  kind: ConfigurationKind
  key: string
  before?: ConfigurationEntry
  after?: ConfigurationEntry
  /** A promotion's rollback restored it: for promotions it has the revision again that it had before that one, 0 where it was not there. */
  restoredRevision?: number
}

/** One key to be set. */
export interface ConfigurationSetting {
  key: string
  value: Json
  /** The same value, sealed: for a key that is a secret, or stays one. Absent where there is no key to seal with. */
  sealed?: SealedValue
  /** Left out: as it was. */
  secret?: boolean
  /** Left out: as it was. */
  description?: string
}

/** The revisions of which one must be there; 0: it must not be there; `*`: any must. */
export type WantedRevision = readonly number[] | '*'

/** Changes keys of one kind in one environment: all of it, or nothing. */
export interface ChangeConfiguration {
  type: 'ChangeConfiguration'
  /** The pipeline's name of the environment. */
  environment: string
  kind: ConfigurationKind
  now: string
  by?: string
  set: ConfigurationSetting[]
  delete: string[]
  /** Every key that is not set is deleted. */
  replace?: boolean
  /** Of the only key of this command. */
  ifMatch?: WantedRevision
  /** The same of the environment, where a command is for many keys. */
  ifRevision?: WantedRevision
}

export type ConfigurationCommand = ChangeConfiguration

/** Why a configuration changed, where nobody set it directly. */
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

// The namespace of their ids. Never changed: promotions select by them.
const CONFIGURATION_NAMESPACE = '5d1f4a0e-9b7c-5f43-8a51-6a4a2f0c7e11'

/** The id of a configuration or flag: of an environment by the pipeline's name and a key, the same for ever. */
export function configurationId(tenant: string, environment: string, kind: ConfigurationKind, key: string): string {
  return uuidV5(JSON.stringify([tenant, environment, kind, key]), CONFIGURATION_NAMESPACE)
}

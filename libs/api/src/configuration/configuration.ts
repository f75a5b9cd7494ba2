import {
  configurationId,
  type ConfigurationChange,
  type ConfigurationEntry,
  type ConfigurationKind,
  flagMembers,
  type Json,
  named,
  secretMask,
} from '#libs/contracts'
import type { FromSchema } from 'json-schema-to-ts'
import { anyJson, arrayOf, instant, integer, response, string, uuid } from '../schema/parts.js'

export const keyHead = {
  id: uuid('Permanent id, by which promotions select the key.'),
  key: string('The key, unique in its environment.'),
}
export const keyTail = {
  description: string('Purpose of the key.'),
  revision: integer('Revision of the environment at which this key last changed. The `ETag` refers to it.'),
  updatedAt: instant('Time of the last change.'),
  updatedBy: string('Actor of the last change.'),
}
export const valueMembers = {
  value: anyJson('Any JSON value, including `null`; `"********"` for a secret.'),
  secret: { type: 'boolean', description: 'Whether the value is a secret, or became one later: it is masked.' },
} as const

const warning = named(
  'ConfigurationWarning',
  response({ key: string('The key.'), detail: string('What happened to the key, and what to do.') }, ['key', 'detail']),
)
export const warnings = arrayOf(
  warning,
  'Keys that became secrets. The log still has their earlier values in plain text: rotate these secrets. Only in responses to writes.',
)

/** A configuration: the response of its PUT and GET, and an item of the list. */
export const configurationSchema = named(
  'Configuration',
  response({ ...keyHead, ...valueMembers, ...keyTail, warnings }, ['id', 'key', 'value', 'revision', 'updatedAt']),
)
export type ConfigurationResponse = FromSchema<typeof configurationSchema>

/** A feature flag: the response of its PUT and GET, and an item of the list. */
export const flagSchema = named(
  'Flag',
  response({ ...keyHead, ...flagMembers, ...keyTail, warnings }, ['id', 'key', 'enabled', 'revision', 'updatedAt']),
)
export type FlagResponse = FromSchema<typeof flagSchema>

const id = '5d1f4a0e-9b7c-5f43-8a51-6a4a2f0c7e12'
const since = { revision: 7, updatedAt: '2026-02-12T10:00:00Z', updatedBy: 'dev@acme.example' }
const configuration: ConfigurationResponse = {
  id,
  key: 'query.timeout',
  value: '180s',
  description: 'Maximum duration of a query.',
  ...since,
}

/** Examples of responses. */
export const configurationExamples = {
  configuration,
  secret: { id, key: 'smtp.password', value: secretMask, secret: true, ...since } satisfies ConfigurationResponse,
  flag: { id, key: 'new-search', enabled: true, variants: ['a', 'b'], ...since } satisfies FlagResponse,
}

/** Warnings for keys that became secrets although the log has earlier values in plain text. */
export function disclosureWarnings(keys: readonly string[]): FromSchema<typeof warning>[] {
  const detail =
    'is now a secret and its history is masked, but the log has earlier values in plain text: rotate the secret'
  return keys.map(key => ({ key, detail }))
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

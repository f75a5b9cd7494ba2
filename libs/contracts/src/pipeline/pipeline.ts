import type { WantedRevision } from '../configuration/configuration.js'
import type { Json } from '../schema/json.js'

/** An environment of a pipeline. The order of the pipeline is the order of promotion. */
export interface PipelineEnvironment {
  name: string
  aliases?: string[]
  /** Number of people who must approve a promotion to it. */
  approvals?: number
}

export interface Pipeline {
  environments: PipelineEnvironment[]
  allowSkipping?: boolean
  authorMayApprove?: boolean
}

/** A period in which no promotion is executed, once or recurring. */
export interface Freeze {
  name: string
  /** Names in the pipeline. Default: all. */
  environments?: string[]
  reason?: string
  /** People (user id or e-mail address) who may override it. Default: everyone; empty: nobody. */
  overridableBy?: string[]
  /** RFC 3339, inclusive. */
  from?: string
  /** RFC 3339, exclusive. */
  to?: string
  /** In place of `from` and `to`: recurring start, a cron pattern of five fields. */
  cron?: string
  /** ISO 8601 duration of each occurrence; days are calendar days in `timezone`. */
  duration?: string
  /** IANA time zone of `cron` and `duration`. Default: UTC. */
  timezone?: string
}

/** A JSON Schema for the values of the keys that a glob matches. */
export interface KeySchema {
  keyPattern: string
  schema: Json
}

/** The pipeline of a tenant that has set none. */
export const defaultPipeline: Pipeline = {
  environments: [
    { name: 'dev', aliases: ['development'], approvals: 0 },
    { name: 'staging', aliases: ['stage'], approvals: 1 },
    { name: 'production', aliases: ['prod'], approvals: 2 },
  ],
}

export interface ChangePipeline {
  type: 'ChangePipeline'
  now: string
  by?: string
  pipeline: Pipeline
  /** Names of the affected configuration streams that are not empty. */
  holding: string[]
  /** Required revision. */
  ifMatch?: WantedRevision
}
export interface ChangeFreezes {
  type: 'ChangeFreezes'
  now: string
  by?: string
  freezes: Freeze[]
  /** Accept environments that are not in the pipeline. */
  force?: boolean
  ifMatch?: WantedRevision
}
export interface ChangeKeySchema {
  type: 'ChangeKeySchema'
  now: string
  by?: string
  keyPattern: string
  /** Omitted: the schema is deleted. */
  schema?: Json
}
export type PipelineCommand = ChangePipeline | ChangeFreezes | ChangeKeySchema

/** The present parts were replaced; absent parts are unchanged. */
export interface PipelineChanged {
  type: 'PipelineChanged'
  changedAt: string
  by?: string
  pipeline?: Pipeline
  /** With `pipeline`: by environment, the name of its configuration stream, if that differs because the environment was renamed. */
  configurationNames?: Record<string, string>
  freezes?: Freeze[]
  keySchema?: { keyPattern: string; schema?: Json }
}
export type PipelineEvent = PipelineChanged

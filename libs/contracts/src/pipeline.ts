import type { WantedRevision } from './configuration.js'
import type { Json } from './json.js'

/** An environment as a tenant's pipeline knows it; the order of the pipeline is the order of promotion. */
export interface PipelineEnvironment {
  name: string
  aliases?: string[]
  /** How many people must approve a promotion into it. */
  approvals?: number
}

export interface Pipeline {
  environments: PipelineEnvironment[]
  allowSkipping?: boolean
  authorMayApprove?: boolean
}

/** A time in which nothing is promoted: from one instant to another, or again and again. */
export interface Freeze {
  name: string
  /** By the pipeline's names; all of them where left out. */
  environments?: string[]
  reason?: string
  /** People (user id, or e-mail address) who may override it; anyone where left out, nobody where empty. */
  overridableBy?: string[]
  /** RFC 3339, this instant included. */
  from?: string
  /** RFC 3339, this instant excluded. */
  to?: string
  /** Instead of from and to: when it begins, as five cron fields. */
  cron?: string
  /** ISO 8601: how long it lasts each time; its days are those of the calendar in `timezone`. */
  duration?: string
  /** IANA name of the time zone of `cron` and `duration`; UTC where left out. */
  timezone?: string
}

/** A JSON Schema that the values of some keys are to fit. */
export interface KeySchema {
  /** Glob. */
  keyPattern: string
  schema: Json
}

/** What a tenant has until it puts a pipeline of its own. */
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
  /** Of the configurations that it affects, those that hold anything, by the names of their streams. */
  holding: string[]
  /** The revision that the rules must have. */
  ifMatch?: WantedRevision
}
export interface ChangeFreezes {
  type: 'ChangeFreezes'
  now: string
  by?: string
  freezes: Freeze[]
  /** Also for environments that the pipeline does not have. */
  force?: boolean
  ifMatch?: WantedRevision
}
export interface ChangeKeySchema {
  type: 'ChangeKeySchema'
  now: string
  by?: string
  keyPattern: string
  /** Left out: it is taken away. */
  schema?: Json
}
export type PipelineCommand = ChangePipeline | ChangeFreezes | ChangeKeySchema

/** One of its parts was put anew; the others stay as they are. */
export interface PipelineChanged {
  type: 'PipelineChanged'
  changedAt: string
  by?: string
  pipeline?: Pipeline
  /** With `pipeline`: environments whose configuration has the name that they had before, by the name that they have now. */
  configurationNames?: Record<string, string>
  freezes?: Freeze[]
  keySchema?: { keyPattern: string; schema?: Json }
}
export type PipelineEvent = PipelineChanged

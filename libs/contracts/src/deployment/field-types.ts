import type { FromSchema } from 'json-schema-to-ts'
import type { deploymentFields } from './fields.js'

export type Fields = typeof deploymentFields
export type DeploymentField = keyof Fields

type FieldsWith<Property> = { [F in DeploymentField]: Fields[F] extends Property ? F : never }[DeploymentField]
export type RequiredField = FieldsWith<{ required: string }>
export type RequestedField = FieldsWith<{ required: 'request' }>
/** The members that a response adds to what is recorded. */
export type ComputedField = FieldsWith<{ derived: 'computed' }>
/** The members that the events of a deployment tell, and that the read models store. */
export type StoredField = Exclude<DeploymentField, ComputedField>
/** The members that the event which records a deployment may have. */
export type RecordedField = Exclude<StoredField, FieldsWith<{ derived: 'changed' }>>
export type SentField = Exclude<RecordedField, FieldsWith<{ derived: 'recorded' }>>
/** The members that a correction may change: none that would move the deployment to another slot. */
export type CorrectableField = FieldsWith<{ correctable: number }>

export type FieldValue<F extends DeploymentField> = FromSchema<Fields[F]['schema']>
type Simplify<T> = { [K in keyof T]: T[K] }
/** An object with these members; those that are not required may be absent. */
export type FieldValues<F extends DeploymentField> = Simplify<
  { [N in F & RequiredField]: FieldValue<N> } & { [N in Exclude<F, RequiredField>]?: FieldValue<N> }
>

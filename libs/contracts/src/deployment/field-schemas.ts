import type {
  CorrectableField,
  DeploymentField,
  Fields,
  RecordedField,
  RequestedField,
  RequiredField,
  SentField,
  StoredField,
} from './field-types.js'
import { deploymentFields, type Field } from './fields.js'
import { named } from '../schema/named.js'

const fields: Record<DeploymentField, Field> = deploymentFields
export const deploymentFieldNames = Object.keys(deploymentFields) as DeploymentField[]

/** The members that the events of a deployment tell, in the order of the API. */
export const storedFields = deploymentFieldNames.filter(
  (name): name is StoredField => fields[name].derived !== 'computed',
)

/** The members that the event which records a deployment may have. */
export const recordedFields = storedFields.filter((name): name is RecordedField => fields[name].derived !== 'changed')

/** The members that a request to record a deployment may have. */
export const sentFields = recordedFields.filter((name): name is SentField => fields[name].derived === undefined)

/** The members that a correction may change, in the order of its event. */
export const correctableFields = deploymentFieldNames
  .filter((name): name is CorrectableField => fields[name].correctable !== undefined)
  .toSorted((a, b) => deploymentFields[a].correctable - deploymentFields[b].correctable)

export function isRequired(name: DeploymentField): name is RequiredField {
  return fields[name].required !== undefined
}
export function isRequiredInRequest(name: DeploymentField): name is RequestedField {
  return fields[name].required === 'request'
}

type SchemasOf<F extends DeploymentField> = { [N in F]: Fields[N]['schema'] }
const properties = <F extends DeploymentField>(names: readonly F[], schemaOf: (field: Field) => object) =>
  Object.fromEntries(names.map(name => [name, schemaOf(fields[name])])) as SchemasOf<F>

/** The schemas of members as properties of an event. */
export function eventSchemasOf<F extends DeploymentField>(names: readonly F[]): SchemasOf<F> {
  return properties(names, ({ schema }) => schema)
}

/** The same for requests. */
export function requestSchemasOf<F extends DeploymentField>(names: readonly F[]): SchemasOf<F> {
  return properties(names, withComponent)
}

/** The same for responses. */
export function responseSchemasOf<F extends DeploymentField>(names: readonly F[]): SchemasOf<F> {
  return properties(names, field => {
    const { answered } = field
    return answered === undefined ? withComponent(field) : { ...withComponent(field), description: answered }
  })
}

function withComponent({ schema, component }: Field): object {
  if (!component) return schema
  const { items } = schema as { items?: object }
  return items ? { ...schema, items: componentOf(items, component) } : componentOf(schema, component)
}

function componentOf(schema: object, { name, members }: NonNullable<Field['component']>): object {
  const described = Object.entries((schema as { properties: Record<string, object> }).properties).map(
    ([member, memberSchema]) => [member, { ...memberSchema, description: members[member] }],
  )
  return named(name, { ...schema, properties: Object.fromEntries(described) })
}

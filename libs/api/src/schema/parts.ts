// Building blocks of the schemas of responses. Those of requests and events are in libs/contracts.

/** The JSON Schema type and what the value is. */
export const typed = <const Type extends string>(type: Type, description: string) => ({ type, description }) as const

export const string = (description: string) => typed('string', description)
export const integer = (description: string) => typed('integer', description)
export const instant = (description: string) => ({ type: 'string', format: 'instant', description }) as const
export const uuid = (description: string) => ({ type: 'string', format: 'uuid', description }) as const
export const enumOf = <const Values extends readonly string[]>(values: Values, description: string) =>
  ({ type: 'string', enum: values, description }) as const
/** Any JSON value. */
export const anyJson = (description: string) => ({ description }) as const
export const arrayOf = <const Items extends object>(items: Items, description: string) =>
  ({ type: 'array', items, description }) as const

/** A position of the log. */
export const positionOf = (description: string) => typed('string', `${description} Opaque.`)

/** A named schema in another role: a reference cannot have a description beside it. */
export const described = <const Schema extends object>(schema: Schema, description: string) =>
  ({ allOf: [schema], description }) as const

/**
 * An object of a response. Its type has exactly these members; its schema allows others, as later versions may add some, and clients must
 * ignore those that they do not know.
 */
export function response<
  const Properties extends object,
  const Required extends readonly (keyof Properties & string)[],
>(properties: Properties, required: Required) {
  return { type: 'object', properties, required } as {
    readonly type: 'object'
    readonly properties: Properties
    readonly required: Required
    readonly additionalProperties: false
  }
}

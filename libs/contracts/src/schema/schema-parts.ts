// Building blocks of the JSON Schemas (2020-12) of requests, events and responses. Their types are literal, so that json-schema-to-ts infers
// the type of a value from its schema.

export const text = <const More extends object = object>(maxLength: number, more: More = {} as More) =>
  ({ type: 'string', minLength: 1 as number, maxLength, ...more }) as const
export const name = <const More extends object = object>(maxLength: number, more: More = {} as More) =>
  text(maxLength, { pattern: '^[^\\u0000-\\u001f\\u007f]*$' as string, ...more })
export const instant = (description: string, example = '2026-02-12T10:00:00Z') =>
  ({ type: 'string', format: 'instant', description, examples: [example] }) as const
export const duration = (description: string, example: string) =>
  ({ type: 'string', format: 'duration', maxLength: 32, description, examples: [example] }) as const
export const uuid = (description: string) =>
  ({
    type: 'string',
    format: 'uuid',
    description,
    examples: ['0198c0de-0000-7000-8000-000000000001'],
  }) as const

/** An object that has no other members. */
export const object = <
  const Properties extends object,
  const Required extends readonly (keyof Properties & string)[] = readonly [],
>(
  properties: Properties,
  required: Required = [] as readonly string[] as Required,
) => ({ type: 'object', properties, required, additionalProperties: false }) as const

/** Allows `null` too. */
export const nullable = <const Schema extends { type?: unknown }>(schema: Schema) =>
  ({ ...schema, type: [schema.type as Schema['type'], 'null'] }) as const

/** Data of an event. Unknown members are allowed: readers ignore members that a later version adds. */
export const data = (properties: object, required: string[]) => ({ type: 'object', properties, required })

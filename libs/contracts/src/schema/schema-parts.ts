// Building blocks of the JSON Schemas (2020-12) of requests and events.

export const text = (maxLength: number, more = {}) => ({ type: 'string', minLength: 1, maxLength, ...more })
export const name = (maxLength: number, more = {}) =>
  text(maxLength, { pattern: '^[^\\u0000-\\u001f\\u007f]*$', ...more })
export const instant = (description: string, example = '2026-02-12T10:00:00Z') => ({
  type: 'string',
  format: 'instant',
  description,
  examples: [example],
})
export const duration = (description: string, example: string) => ({
  type: 'string',
  format: 'duration',
  maxLength: 32,
  description,
  examples: [example],
})
export const uuid = (description: string) => ({
  type: 'string',
  format: 'uuid',
  description,
  examples: ['0198c0de-0000-7000-8000-000000000001'],
})
export const object = <P extends object>(properties: P, required: string[] = []) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
})

/** Allows `null` too. */
export const nullable = <T extends { type?: unknown }>(schema: T) => ({ ...schema, type: [schema.type, 'null'] })

/** Data of an event. Unknown members are allowed: readers ignore members that a later version adds. */
export const data = (properties: object, required: string[]) => ({ type: 'object', properties, required })

import type { ApiBodyOptions } from '@nestjs/swagger'

type SchemaObject = Extract<ApiBodyOptions, { schema: unknown }>['schema']

/** A JSON Schema of ours as OpenAPI 3.1 shows it: our format `instant` is everybody's `date-time`. */
export function openApiSchema(schema: object): SchemaObject {
  return publish(schema) as SchemaObject
}

function publish(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(publish)
  if (node === null || typeof node !== 'object') return node
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [
      key,
      key === 'format' && value === 'instant' ? 'date-time' : publish(value),
    ]),
  )
}

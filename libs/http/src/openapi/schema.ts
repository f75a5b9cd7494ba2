import type { ApiBodyOptions } from '@nestjs/swagger'
import { named, schemaName } from '#libs/contracts'

type SchemaObject = Extract<ApiBodyOptions, { schema: unknown }>['schema']

/** A schema for the OpenAPI document: the custom format `instant` becomes the standard `date-time`. Names of schemas are kept. */
export function openApiSchema(schema: object): SchemaObject {
  return publish(schema) as SchemaObject
}

function publish(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(publish)
  if (node === null || typeof node !== 'object') return node
  const published = Object.fromEntries(
    Object.entries(node).map(([key, value]) => [
      key,
      key === 'format' && value === 'instant' ? 'date-time' : publish(value),
    ]),
  )
  const name = schemaName(node)
  return name === undefined ? published : named(name, published)
}

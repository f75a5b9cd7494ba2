import { normalizeInstant } from './instant.js'

interface Schema {
  format?: string
  items?: Schema
  properties?: Record<string, Schema>
}

/** The canonical form of a value that is valid by its schema: instants in UTC, UUIDs in lower case; all else, and any order, as it is. */
export function canonicalValue<Value>(schema: object, value: Value): Value {
  return canonical(schema, value) as Value
}

function canonical({ format, items, properties }: Schema, value: unknown): unknown {
  if (typeof value === 'string') {
    if (format === 'instant') return normalizeInstant(value)
    return format === 'uuid' ? value.toLowerCase() : value
  }
  if (items && Array.isArray(value)) return value.map(item => canonical(items, item))
  if (!properties || typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, canonical(properties[name] ?? {}, member)]),
  )
}

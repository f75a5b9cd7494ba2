import { isDeepStrictEqual } from 'node:util'
import type { OpenAPIObject } from '@nestjs/swagger'
import { schemaName } from '#libs/contracts'

/**
 * Makes the named schemas of a document its components, in alphabetical order, and each use of them a reference.
 *
 * @throws Error if a name has two different schemas
 */
export function hoistComponents(document: OpenAPIObject): OpenAPIObject {
  const schemas: Record<string, object> = {}
  const hoist = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(hoist)
    if (node === null || typeof node !== 'object') return node
    const name = schemaName(node)
    const plain = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, hoist(value)]))
    if (name === undefined) return plain
    const known = (schemas[name] ??= plain)
    if (!isDeepStrictEqual(known, plain)) throw new Error(`The API document has two different schemas named ${name}.`)
    return { $ref: `#/components/schemas/${name}` }
  }
  const hoisted = hoist(document) as OpenAPIObject
  const sorted = Object.fromEntries(Object.entries(schemas).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  return { ...hoisted, components: { ...hoisted.components, schemas: { ...hoisted.components?.schemas, ...sorted } } }
}

import { parse as parseProperties } from 'dot-properties'
import { parseDocument } from 'yaml'
import { compileSchema, type Json, manyKeysBounds, wholeConfigurationSchema } from '#libs/contracts'
import { bodyProblem, parseStrictJson } from '#libs/http'

/** Types of a file that holds a whole environment. RFC 9512 has YAML's; `.properties` have none, and tools send these. */
const yamlTypes = ['application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml']
const propertiesTypes = ['text/x-java-properties', 'text/plain']
export const fileTypes = ['application/json', ...yamlTypes, ...propertiesTypes]

const validate = compileSchema(wholeConfigurationSchema)

/**
 * Reads values by key. JSON and YAML are the same thing: a key has any value, and a map is one. With `flatten` nested maps
 * are taken as parts of keys instead, joined by dots, as Spring Boot reads its files. The values of `.properties` are texts.
 *
 * Throws a 400 that says where the file is malformed, and quotes nothing of it: it may hold secrets.
 */
export function readConfigurationFile(
  body: unknown,
  mediaType: string,
  { flatten = false } = {},
): Record<string, Json> {
  if (body === undefined) throw bodyProblem([{ pointer: '', detail: 'is missing: send values by key' }])
  const value = flatten ? flattened(parsed(body, mediaType)) : parsed(body, mediaType)
  const findings = validate(value)
  if (findings.length > 0) throw bodyProblem(findings)
  return value as Record<string, Json>
}

function parsed(body: unknown, mediaType: string): unknown {
  if (typeof body !== 'string') return body
  if (yamlTypes.includes(mediaType)) return asStrictJson(parseYaml(body))
  if (propertiesTypes.includes(mediaType)) return asStrictJson(parseProperties(body))
  return body
}

function parseYaml(text: string): unknown {
  const document = parseDocument(text, { prettyErrors: false, stringKeys: true, uniqueKeys: true })
  const [error] = [...document.errors, ...document.warnings]
  if (error) throw malformed(`is not YAML: ${error.code} at character ${error.pos[0]}`)
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch {
    throw malformed('is YAML with more aliases than are taken')
  }
}

/** What holds for JSON holds for it too: no NUL, no lone surrogate, no depth, no keys that reach for prototypes. */
function asStrictJson(value: unknown): unknown {
  const text = JSON.stringify(value ?? {}, (_, part: unknown) => {
    if (typeof part === 'number' && !Number.isFinite(part)) throw malformed('has a number that JSON has not')
    return part
  })
  const result = parseStrictJson(Buffer.from(text), manyKeysBounds)
  if ('finding' in result) throw bodyProblem([result.finding])
  return result.value
}

function flattened(value: unknown): unknown {
  if (!isMap(value)) return value
  const flat = new Map<string, unknown>()
  const visit = (node: Record<string, unknown>, prefix: string) => {
    for (const [name, child] of Object.entries(node)) {
      const key = prefix + name
      if (isMap(child) && Object.keys(child).length > 0) visit(child, `${key}.`)
      else if (flat.has(key)) throw malformed('has a key twice once its maps are flattened')
      else flat.set(key, child)
    }
  }
  visit(value, '')
  return Object.fromEntries(flat)
}

function isMap(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

function malformed(detail: string) {
  return bodyProblem([{ pointer: '', detail }])
}

import {
  compileSchema,
  type Finding,
  type Json,
  lineAt,
  manyKeysBounds,
  parseStrictJsonText,
  visitJsonNames,
  wholeConfigurationSchema,
} from '#libs/contracts'
import { flatten, isMap } from './flatten.js'
import { type FileContent, linesOf, MalformedFile, malformedFile, pointerTo } from './malformed-file.js'
import { readProperties } from './properties-file.js'
import { readYaml } from './yaml-file.js'

/** Media types of a configuration file. RFC 9512 registers YAML's; `.properties` has none, and tools send these. */
const yamlTypes = ['application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml']
const propertiesTypes = ['text/x-java-properties', 'text/plain']
export const fileTypes = ['application/json', ...yamlTypes, ...propertiesTypes]

const validate = compileSchema(wholeConfigurationSchema)

/** Limit of the findings that get a line number. */
const MOST_LINES = 20

/**
 * Reads a configuration file as values by key. JSON and YAML: a value is any JSON, maps included. With `flatten` the names of nested
 * maps are joined with dots instead, as Spring Boot does. The values of `.properties` are strings.
 *
 * Throws MalformedFile with the key and the line. It never quotes a value, which may be a secret.
 *
 * @param body the text of the file; `undefined` if the request has none
 */
export function readConfigurationFile(
  body: unknown,
  mediaType: string,
  options: { flatten?: boolean } = {},
): Record<string, Json> {
  if (typeof body !== 'string') throw malformedFile('is missing: send an object of values by key')
  const file = readFile(body, mediaType)
  const content = file.value ?? undefined
  if (content === undefined) throw malformedFile('is empty: to delete all keys, send `{}` as JSON or YAML')
  const { values, pathOf } =
    options.flatten && isMap(content) ? flatten(content, file) : { values: content, pathOf: (key: string) => [key] }
  const findings = validate(values)
  if (findings.length > 0) throw new MalformedFile(withLines(findings, file, values, pathOf))
  return values as Record<string, Json>
}

function readFile(text: string, mediaType: string): FileContent {
  if (yamlTypes.includes(mediaType)) return readYaml(text)
  if (propertiesTypes.includes(mediaType)) return readProperties(text)
  const parsed = parseStrictJsonText(text, manyKeysBounds)
  if ('finding' in parsed) throw new MalformedFile([parsed.finding])
  return {
    value: parsed.value,
    visitNames: onName =>
      visitJsonNames(text, (name, depth, offset) => onName(name, depth, () => lineAt(text, offset))),
  }
}

/** Adds to findings of keys their pointers and lines in the file. */
function withLines(
  findings: Finding[],
  file: FileContent,
  values: unknown,
  pathOf: (key: string) => string[],
): Finding[] {
  const keys = new Map(isMap(values) ? Object.keys(values).map(key => [pointerTo([key]), key]) : [])
  const paths = findings.map(({ pointer }) => (keys.has(pointer) ? pathOf(keys.get(pointer)!) : []))
  const lines = linesOf(file, paths.slice(0, MOST_LINES))
  return findings.map(({ pointer, detail }, index) => ({
    pointer: keys.has(pointer) ? pointerTo(paths[index]!) : pointer,
    detail: lines[index] === undefined ? detail : `${detail} (line ${lines[index]})`,
  }))
}

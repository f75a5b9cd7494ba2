import type { Json } from '#libs/contracts'
import { linesOf, type FileContent, malformedFile, pointerTo } from './malformed-file.js'

/** Length at which a key is rejected while it is still being joined; above every limit of a key. */
const LONGEST_KEY = 1024

/** Values by key, and the path of each key in the file. */
export interface FlatValues {
  values: Record<string, Json>
  pathOf: (key: string) => string[]
}

/** Joins the names of nested maps with dots to form keys, as Spring Boot does. An empty map is a value. */
export function flatten(content: Record<string, Json>, file: FileContent): FlatValues {
  const fail = (detail: string, path: string[]): never => {
    throw malformedFile(detail, { pointer: pointerTo(path), line: linesOf(file, [path])[0] })
  }
  const found = new Map<string, { value: Json; path: string[] }>()
  const visit = (map: Record<string, Json>, prefix: string, parents: string[]) => {
    for (const [name, value] of Object.entries(map)) {
      const key = prefix + name
      const path = [...parents, name]
      // Otherwise every key below would copy the long prefix.
      if (key.length > LONGEST_KEY) fail('belongs to a key that is too long', path)
      if (isMap(value) && Object.keys(value).length > 0) visit(value, `${key}.`, path)
      else if (found.has(key)) fail('results in a key that occurs twice: rename one of them', path)
      else found.set(key, { value, path })
    }
  }
  visit(content, '', [])
  return {
    values: Object.fromEntries([...found].map(([key, { value }]) => [key, value])),
    pathOf: key => found.get(key)?.path ?? [key],
  }
}

/** Whether a value is a map. */
export function isMap(value: unknown): value is Record<string, Json> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

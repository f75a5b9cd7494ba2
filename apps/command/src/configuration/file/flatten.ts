import type { Json } from '#libs/contracts'
import { linesOf, type FileContent, malformedFile, pointerTo } from './malformed-file.js'

/** Characters of a key that no check needs to see more of. */
const LONGEST_KEY = 1024

/** Values by key, and the names that lead to each in the file. */
export interface FlatValues {
  values: Record<string, Json>
  pathOf: (key: string) => string[]
}

/** Takes the names of nested maps as parts of keys, joined by dots, as Spring Boot reads its files. An empty map is a value. */
export function flatten(content: Record<string, Json>, file: FileContent): FlatValues {
  const fail = (detail: string, path: string[]): never => {
    throw malformedFile(detail, { pointer: pointerTo(path), line: linesOf(file, [path])[0] })
  }
  const found = new Map<string, { value: Json; path: string[] }>()
  const visit = (map: Record<string, Json>, prefix: string, parents: string[]) => {
    for (const [name, value] of Object.entries(map)) {
      const key = prefix + name
      const path = [...parents, name]
      // Every key below would repeat a prefix that is too long, and cost its length.
      if (key.length > LONGEST_KEY) fail('is part of a key that is too long', path)
      if (isMap(value) && Object.keys(value).length > 0) visit(value, `${key}.`, path)
      else if (found.has(key)) fail('makes a key that occurs twice: rename one of the two', path)
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

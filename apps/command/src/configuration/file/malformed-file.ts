import { memberPointer } from '#libs/contracts'
import { bodyProblem, type HttpProblem } from '#libs/http'

/** A file as it was read. */
export interface FileContent {
  /** `undefined` where it holds nothing. */
  value: unknown
  /** Calls back with each name in its maps, the number of maps and lists around it, and how to find its line. */
  visitNames(onName: (name: string, depth: number, line: () => number) => void): void
}

/** A place in a file: a pointer into its value, the line (from 1), or both. */
export interface FilePlace {
  pointer?: string
  line?: number | undefined
}

/** The 400 of a malformed file. Its detail quotes no value: a file may hold secrets. */
export function malformedFile(detail: string, { pointer = '', line }: FilePlace = {}): HttpProblem {
  return bodyProblem([{ pointer, detail: line === undefined ? detail : `${detail} (line ${line})` }])
}

/** The lines of some members, each by the names that lead to it; `undefined` where the file has no such member. */
export function linesOf(file: FileContent, paths: readonly string[][]): (number | undefined)[] {
  const lines: (number | undefined)[] = paths.map(() => undefined)
  // Names are unique in their map: the part of a path that was found once is not there again.
  const found = paths.map(() => 0)
  file.visitNames((name, depth, line) => {
    for (const [index, path] of paths.entries()) {
      if (depth !== found[index]! + 1 || name !== path[found[index]!]) continue
      if (++found[index]! === path.length) lines[index] = line()
    }
  })
  return lines
}

/** The pointer to a member of nested maps. */
export function pointerTo(path: readonly string[]): string {
  return path.reduce(memberPointer, '')
}

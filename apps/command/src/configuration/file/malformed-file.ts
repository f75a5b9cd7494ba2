import { type Finding, memberPointer } from '#libs/contracts'

/** A parsed file. */
export interface FileContent {
  /** `undefined`: the file is empty. */
  value: unknown
  /** Calls back with each name of a map, its depth (number of enclosing maps and lists), and a function that finds its line. */
  visitNames(onName: (name: string, depth: number, line: () => number) => void): void
}

/** A location in a file: a JSON pointer, a line (from 1), or both. */
export interface FileLocation {
  pointer?: string
  line?: number | undefined
}

/** Number of findings that are kept: as many as a response lists. */
const MOST_FINDINGS = 20

/** A malformed file. Its details do not quote values, which may be secrets. */
export class MalformedFile extends Error {
  override name = 'MalformedFile'
  /** The first findings. */
  readonly errors: Finding[]
  /** The number of all findings. */
  readonly count: number

  constructor(findings: readonly Finding[]) {
    super(findings[0]!.detail)
    this.errors = findings.slice(0, MOST_FINDINGS)
    this.count = findings.length
  }
}

/** A malformed file with one finding. `detail` must not quote a value: it may be a secret. */
export function malformedFile(detail: string, { pointer = '', line }: FileLocation = {}): MalformedFile {
  return new MalformedFile([{ pointer, detail: line === undefined ? detail : `${detail} (line ${line})` }])
}

/** The line of each path; `undefined`: the file has no such member. */
export function linesOf(file: FileContent, paths: readonly string[][]): (number | undefined)[] {
  const lines: (number | undefined)[] = paths.map(() => undefined)
  // Names are unique in their map, so each part of a path occurs once.
  const found = paths.map(() => 0)
  file.visitNames((name, depth, line) => {
    for (const [index, path] of paths.entries()) {
      if (depth !== found[index]! + 1 || name !== path[found[index]!]) continue
      if (++found[index]! === path.length) lines[index] = line()
    }
  })
  return lines
}

/** The JSON pointer (RFC 6901) of a path. */
export function pointerTo(path: readonly string[]): string {
  return path.reduce(memberPointer, '')
}

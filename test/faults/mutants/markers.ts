import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import type { Mutant } from './mutant.js'

const SOURCES = ['apps', 'libs']
const MARKER = /(\/\/|--) protects: (\S+)$/gm

/** Code that a marker protects. */
export interface Marked {
  /** File of the project. */
  file: string
  marker: string
  /** Where the code starts and ends in the file. */
  start: number
  end: number
}

/** Finds every marker in the production sources. Throws where one has no code. */
export function findMarkers(project: string): Marked[] {
  return productionFiles(project).flatMap(file => markersOf(file, readFileSync(join(project, file), 'utf8')))
}

/**
 * The changed files of a mutant, by path in the project.
 * @throws Error where a marker that the mutant names is not in the sources exactly once
 */
export function mutate({ name, changes }: Pick<Mutant, 'name' | 'changes'>, project: string): Map<string, string> {
  const all = findMarkers(project)
  const marked = Object.keys(changes).map(marker => {
    const found = all.filter(one => one.marker === marker)
    if (found.length === 1) return found[0]!
    const places = found.map(({ file }) => file).join(', ') || 'nowhere'
    throw new Error(`mutant ${name}: \`protects: ${marker}\` must stand in the sources once, and stands in ${places}`)
  })
  const files = new Map<string, string>()
  // From the end of a file, so that what is found before keeps its place.
  for (const { file, marker, start, end } of marked.toSorted((a, b) => b.start - a.start)) {
    const text = files.get(file) ?? readFileSync(join(project, file), 'utf8')
    const change = changes[marker]!
    const code = typeof change === 'string' ? change : change(text.slice(start, end))
    files.set(file, text.slice(0, start) + code + text.slice(end))
  }
  return files
}

/** The markers in one file. Throws where one has no code. */
export function markersOf(file: string, text: string): Marked[] {
  let parsed: ts.SourceFile | undefined
  return [...text.matchAll(MARKER)].map(({ index, 1: comment, 2: marker }) => {
    const range =
      comment === '--'
        ? lineBefore(text, index)
        : nodeBehind((parsed ??= ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)), index)
    if (range.start >= range.end) throw new Error(`${file}: \`protects: ${marker}\` protects no code`)
    return { file, marker: marker!, ...range }
  })
}

function lineBefore(text: string, at: number): { start: number; end: number } {
  const start = text.lastIndexOf('\n', at) + 1
  const line = text.slice(start, at)
  return { start: start + line.length - line.trimStart().length, end: start + line.trimEnd().length }
}

/** The outermost node that has the comment in front of it. */
function nodeBehind(parsed: ts.SourceFile, comment: number): { start: number; end: number } {
  const search = (node: ts.Node): ts.Node | undefined =>
    ts.forEachChild(node, child => {
      if (child.getFullStart() > comment || child.getEnd() <= comment) return undefined
      return child.getStart() > comment ? child : search(child)
    })
  const found = search(parsed)
  return { start: found?.getStart() ?? comment, end: found?.getEnd() ?? comment }
}

function productionFiles(project: string): string[] {
  return SOURCES.flatMap(folder =>
    readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.ts') && !name.endsWith('spec.ts'))
      .map(name => `${folder}/${name}`)
      .toSorted(),
  )
}

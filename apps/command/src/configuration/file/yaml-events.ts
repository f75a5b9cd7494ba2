import { EVENT_ID, type Event, parseEvents, YAMLException } from 'js-yaml'
import { lineAt, manyKeysBounds } from '#libs/contracts'
import { malformedFile } from './malformed-file.js'

/** A YAML text and the events of its parser, which refer to offsets in it. */
export interface YamlEvents {
  text: string
  events: Event[]
}

/** Limit of a YAML file, in bytes. */
const LARGEST = 1024 * 1024

/** Above the limit of our reader: the parser also counts levels that are neither lists nor maps. */
const PARSER_DEPTH = manyKeysBounds.depth + 4

/** Parses YAML. The returned text may have additional spaces before brackets. Throws a 400 with the line. */
export function parseYaml(text: string): YamlEvents {
  if (Buffer.byteLength(text) > LARGEST) {
    const fitting = Buffer.from(text).subarray(0, LARGEST).toString().length
    throw malformedFile('has more than 1 MiB, the limit of YAML files', { line: lineAt(text, fitting) })
  }
  try {
    return { text, events: parse(text) }
  } catch (error) {
    const indented = isShallowBracket(error, text) ? parseIndented(text) : undefined
    if (indented) return indented
    throw problemOf(error, text)
  }
}

function parse(text: string): Event[] {
  return parseEvents(text, { maxDepth: PARSER_DEPTH })
}

function problemOf(error: unknown, text: string): unknown {
  // A regular expression of the parser overflows the stack on a tag of about 100 KB.
  if (error instanceof RangeError) return malformedFile('is not valid YAML: a tag is too long')
  if (!(error instanceof YAMLException)) return error
  const { reason, mark } = error
  const line = mark && lineAt(text, mark.position)
  if (reason.startsWith('nesting exceeded')) {
    return malformedFile(`is nested deeper than ${manyKeysBounds.depth} levels`, { line })
  }
  // Some reasons quote the text, which may be a secret.
  return malformedFile(`is not valid YAML: ${reason.split(/: | "/, 1)[0]}`, { line })
}

/**
 * Whether the closing bracket of a flow collection is indented like its key. The specification forbids it, but it is common, and every
 * other parser accepts it.
 */
function isShallowBracket(error: unknown, text: string): boolean {
  if (!(error instanceof YAMLException) || error.reason !== 'deficient indentation' || !error.mark) return false
  return ']}'.includes(text.charAt(error.mark.position))
}

/** Parses again with one more space before brackets at the start of lines, except brackets within scalars, such as a JSON text. */
function parseIndented(text: string): YamlEvents | undefined {
  try {
    const all = indentBrackets(text, [])
    const inScalars = offsetsInScalars(all.offsets, parse(all.text))
    const some = indentBrackets(text, inScalars)
    const events = parse(some.text)
    return offsetsInScalars(some.offsets, events).length === 0 ? { text: some.text, events } : undefined
  } catch {
    return undefined
  }
}

/** @param except indexes of brackets to leave, in the order of the text */
function indentBrackets(text: string, except: readonly number[]): { text: string; offsets: number[] } {
  const offsets: number[] = []
  const excluded = new Set(except)
  let number = 0
  const indented = text.replace(/(?<=^|[\r\n])( *)(?=[\]}])/g, (indent: string, _: string, offset: number) => {
    if (excluded.has(number++)) return indent
    offsets.push(offset + indent.length + offsets.length + 1)
    return `${indent} `
  })
  return { text: indented, offsets }
}

/** The indexes of the offsets that are within a scalar. Both lists are ascending. */
function offsetsInScalars(offsets: readonly number[], events: readonly Event[]): number[] {
  const found: number[] = []
  let number = 0
  for (const event of events) {
    if (event.type !== EVENT_ID.SCALAR) continue
    while (number < offsets.length && offsets[number]! < event.valueStart) number++
    while (number < offsets.length && offsets[number]! < event.valueEnd) found.push(number++)
  }
  return found
}

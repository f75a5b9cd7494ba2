import { EVENT_ID, type Event, parseEvents, YAMLException } from 'js-yaml'
import { manyKeysBounds } from '#libs/contracts'
import { lineAt } from '#libs/http'
import { malformedFile } from './malformed-file.js'

/** A text, and its events: flat, in its order, with places in it. */
export interface YamlEvents {
  text: string
  events: Event[]
}

/** Bytes of a YAML file at most. */
const LARGEST = 1024 * 1024

/** The parser counts levels that are no lists or maps too, such as a value or an attempt at a key; its reader counts exactly. */
const PARSER_DEPTH = manyKeysBounds.depth + 4

/** Parses YAML. The text may differ from the given one in spaces before brackets. Throws a 400 with the line of what is wrong. */
export function parseYaml(text: string): YamlEvents {
  if (Buffer.byteLength(text) > LARGEST) {
    const fitting = Buffer.from(text).subarray(0, LARGEST).toString().length
    throw malformedFile('is YAML of more than 1 MiB', { line: lineAt(text, fitting) })
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
  // A regular expression of the parser's ran out of stack, on a tag of some 100 KB.
  if (error instanceof RangeError) return malformedFile('is not YAML: it has a tag that is too long')
  if (!(error instanceof YAMLException)) return error
  const { reason, mark } = error
  const line = mark && lineAt(text, mark.position)
  if (reason.startsWith('nesting exceeded')) {
    return malformedFile(`is nested deeper than ${manyKeysBounds.depth} levels`, { line })
  }
  // Some reasons quote the text.
  return malformedFile(`is not YAML: ${reason.split(/: | "/, 1)[0]}`, { line })
}

/**
 * Whether a flow collection is closed at the indentation of its key. Strictly that is no YAML, but people write it everywhere, and every
 * other parser takes it.
 */
function isShallowBracket(error: unknown, text: string): boolean {
  if (!(error instanceof YAMLException) || error.reason !== 'deficient indentation' || !error.mark) return false
  return ']}'.includes(text.charAt(error.mark.position))
}

/** Parses again with a space before the brackets that begin lines, but for those that are part of a scalar, such as a JSON text. */
function parseIndented(text: string): YamlEvents | undefined {
  try {
    const all = indentBrackets(text, [])
    const inScalars = placesInScalars(all.places, parse(all.text))
    const some = indentBrackets(text, inScalars)
    const events = parse(some.text)
    return placesInScalars(some.places, events).length === 0 ? { text: some.text, events } : undefined
  } catch {
    return undefined
  }
}

/** @param except numbers of brackets, in the order of the text */
function indentBrackets(text: string, except: readonly number[]): { text: string; places: number[] } {
  const places: number[] = []
  const excluded = new Set(except)
  let number = 0
  const indented = text.replace(/(?<=^|[\r\n])( *)(?=[\]}])/g, (indent: string, _: string, offset: number) => {
    if (excluded.has(number++)) return indent
    places.push(offset + indent.length + places.length + 1)
    return `${indent} `
  })
  return { text: indented, places }
}

/** Which of some places, in their order, are part of a scalar. */
function placesInScalars(places: readonly number[], events: readonly Event[]): number[] {
  const found: number[] = []
  let number = 0
  for (const event of events) {
    if (event.type !== EVENT_ID.SCALAR) continue
    while (number < places.length && places[number]! < event.valueStart) number++
    while (number < places.length && places[number]! < event.valueEnd) found.push(number++)
  }
  return found
}

import { bodyBounds, type Finding, type JsonBounds } from '#libs/contracts'
import { JsonScanner } from './json-scanner.js'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** A value, or what is wrong with the text that should have been one. */
export type ParsedJson = { value: unknown } | { finding: Finding }

/**
 * Reads JSON from bytes and guesses nothing: what is not UTF-8, what JsonScanner refuses, and what exceeds the bounds are
 * findings, not values.
 */
export function parseStrictJson(bytes: Uint8Array, bounds: JsonBounds = bodyBounds): ParsedJson {
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    return { finding: { pointer: '', detail: 'is not valid UTF-8' } }
  }
  return parseStrictJsonText(text, bounds)
}

/** As `parseStrictJson`, of a text. */
export function parseStrictJsonText(text: string, bounds: JsonBounds = bodyBounds): ParsedJson {
  const finding = new JsonScanner(text, bounds).scan()
  return finding ? { finding } : { value: JSON.parse(text) }
}

/** Calls back with the offset of each name of an object, and the number of containers around it, in a text that was parsed before. */
export function visitJsonNames(text: string, onName: (name: string, depth: number, offset: number) => void): void {
  new JsonScanner(text, { depth: Infinity, values: Infinity }, onName).scan()
}

import { bodyBounds, type Finding, type JsonBounds } from '../schema/validation.js'
import { JsonScanner } from './json-scanner.js'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** The parsed value, or the first finding. */
export type ParsedJson = { value: unknown } | { finding: Finding }

/** Parses JSON strictly: bytes that are not valid UTF-8 and texts that JsonScanner refuses give a finding instead of a value. */
export function parseStrictJson(bytes: Uint8Array, bounds: JsonBounds = bodyBounds): ParsedJson {
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    return { finding: { pointer: '', detail: 'is not valid UTF-8' } }
  }
  return parseStrictJsonText(text, bounds)
}

/** `parseStrictJson` for a text. */
export function parseStrictJsonText(text: string, bounds: JsonBounds = bodyBounds): ParsedJson {
  const finding = new JsonScanner(text, bounds).scan()
  return finding ? { finding } : { value: JSON.parse(text) }
}

/** Calls `onName` for each name of an object in a text that is known to be valid. */
export function visitJsonNames(text: string, onName: (name: string, depth: number, offset: number) => void): void {
  new JsonScanner(text, { depth: Infinity, values: Infinity }, onName).scan()
}

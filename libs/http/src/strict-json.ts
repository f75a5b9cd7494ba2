import { bodyBounds, findHostileText, type Finding, type JsonBounds } from '#libs/contracts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** A value, or what is wrong with the text that should have been one. */
export type ParsedJson = { value: unknown } | { finding: Finding }

/**
 * Reads JSON from bytes and guesses nothing: bytes that are not UTF-8, NUL characters, lone surrogates, extreme depth
 * and keys that reach for prototypes are findings, not values.
 */
export function parseStrictJson(bytes: Uint8Array, bounds: JsonBounds = bodyBounds): ParsedJson {
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    return { finding: { pointer: '', detail: 'is not valid UTF-8' } }
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { finding: { pointer: '', detail: `is not JSON: ${reasonOf(error)}` } }
  }
  // Depth first: after it, walking the value is safe.
  const finding = findHostileText(value, bounds) ?? findPoison(text, value)
  return finding ? { finding } : { value }
}

/** V8 quotes the text around the fault; only the place of it is told. */
function reasonOf(error: unknown): string {
  const place = error instanceof Error ? /at position \d+/.exec(error.message)?.[0] : undefined
  return place === undefined ? 'it cannot be parsed' : `it cannot be parsed ${place}`
}

function findPoison(text: string, value: unknown): Finding | undefined {
  // A key may be written with escapes; a text with neither word nor escape needs no walk.
  return /__proto__|constructor|\\u00/i.test(text) ? visit(value, '') : undefined
}

function visit(node: unknown, pointer: string): Finding | undefined {
  if (node === null || typeof node !== 'object') return undefined
  for (const [key, child] of Object.entries(node)) {
    const path = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (key === '__proto__') return { pointer: path, detail: 'is a key that is not taken' }
    if (key === 'constructor' && child !== null && typeof child === 'object' && Object.hasOwn(child, 'prototype')) {
      return { pointer: path, detail: 'is a key that is not taken' }
    }
    const finding = visit(child, path)
    if (finding) return finding
  }
  return undefined
}

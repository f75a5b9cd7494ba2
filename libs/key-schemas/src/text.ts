/** How much of a schema or a value is quoted, in characters. */
const LONGEST_EXCERPT = 200

/** As much of a text, or of a value as JSON, as is quoted. */
export function excerpt(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  if (text.length <= LONGEST_EXCERPT) return text
  // Copied: V8 keeps all of a text for as long as a slice of it lives. Half a surrogate pair at the end becomes U+FFFD.
  return `${Buffer.from(text.slice(0, LONGEST_EXCERPT)).toString()}…`
}

/** The JSON Pointer (RFC 6901) to a place; a long one is cut off. */
export function pointerTo(path: readonly string[]): string {
  return excerpt(path.map(token => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''))
}

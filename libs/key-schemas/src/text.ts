/** Limit of a quoted text, in characters. */
const LONGEST_EXCERPT = 200

/** Truncates a text, or the JSON of a value, for a message. */
export function excerpt(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  if (text.length <= LONGEST_EXCERPT) return text
  // Copies the slice, as V8 would keep the whole text alive. Half a surrogate pair at the end becomes U+FFFD.
  return `${Buffer.from(text.slice(0, LONGEST_EXCERPT)).toString()}…`
}

/** The JSON Pointer (RFC 6901) of a path, truncated. */
export function pointerTo(path: readonly string[]): string {
  return excerpt(path.map(token => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''))
}

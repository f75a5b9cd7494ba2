/** True for a Node.js system error with one of those codes, such as ENOENT. */
export function hasErrorCode(error: unknown, ...codes: string[]): boolean {
  // Not by instanceof: in Jest the errors of Node's own modules are of another realm's Error.
  return typeof error === 'object' && error !== null && 'code' in error && codes.includes(String(error.code))
}

/** What an unknown thrown value says, in words. */
export function reasonOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error)
}

/** True for a Node.js system error with one of the codes, such as ENOENT. */
export function hasErrorCode(error: unknown, ...codes: string[]): boolean {
  // Not by instanceof: in Jest, errors of Node's own modules belong to another realm.
  return typeof error === 'object' && error !== null && 'code' in error && codes.includes(String(error.code))
}

/** The message of a thrown value of unknown type. */
export function reasonOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error)
}

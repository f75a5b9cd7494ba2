import { createHash } from 'node:crypto'
import { findHostileText } from '#libs/contracts'

/** A cursor that is invalid, or belongs to another query. */
export class InvalidCursor extends Error {
  override name = 'InvalidCursor'

  constructor() {
    super('is not a cursor of this list with these filters; leave it out to start from the beginning')
  }
}

/** Encodes the end of a page, valid only for the same list with the same filters. Opaque to callers. */
export function encodeCursor(list: object, cursorKey: (string | number)[]): string {
  return Buffer.from(JSON.stringify([fingerprint(list), ...cursorKey])).toString('base64url')
}

/** Decodes the end of a page. Throws InvalidCursor. */
export function decodeCursor<CursorKey extends (string | number)[]>(
  cursor: string,
  list: object,
  isCursorKey: (cursorKey: unknown[]) => cursorKey is CursorKey,
): CursorKey {
  const [hash, ...cursorKey] = parse(cursor)
  if (hash !== fingerprint(list) || findHostileText(cursorKey) || !isCursorKey(cursorKey)) throw new InvalidCursor()
  return cursorKey
}

function parse(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}

function fingerprint(list: object): string {
  return createHash('sha256').update(JSON.stringify(list)).digest('base64url').slice(0, 12)
}

import { isTenant } from '#libs/contracts'
import type { Principal } from './principal.js'

/**
 * Reads a header of a request by its name; `undefined` if it is absent. Throws an error that names the header if it is repeated or not
 * valid UTF-8.
 */
export type ReadHeader = (name: string) => string | undefined

/** Finds out who sends a request. */
export interface Authenticator {
  /** Runs before the body of the request is read. Throws MalformedCredential for a header that is malformed. */
  authenticate(read: ReadHeader): Principal | Promise<Principal>
}

/** A header of the identity is malformed. The message completes the sentence "The header X ...". */
export class MalformedCredential extends Error {
  constructor(
    readonly header: string,
    message: string,
  ) {
    super(message)
  }
}

/** JSON Schema pattern, and regular expression, of user ids and e-mail addresses. */
// oxlint-disable-next-line no-control-regex -- control characters are excluded
export const identityPattern = /^[^\u0000-\u001f\u007f]{1,256}$/

/**
 * Believes the headers `X-Tenant-ID` (default: `default`), `X-User-ID` and `X-User-Email`. What stands in front of the service must set
 * them.
 */
export const headerAuthenticator: Authenticator = {
  authenticate(read) {
    const tenant = read('X-Tenant-ID') ?? 'default'
    if (!isTenant(tenant)) {
      throw new MalformedCredential('X-Tenant-ID', 'must be 1 to 64 letters, digits, dots, underscores or hyphens')
    }
    const userId = identityIn(read, 'X-User-ID')
    const email = identityIn(read, 'X-User-Email')
    const rest = { tenant, ...(email !== undefined && { email }), verified: false }
    if (userId !== undefined) return { id: userId, kind: 'user', ...rest }
    if (email !== undefined) return { id: email, kind: 'email', ...rest }
    return { id: '', kind: 'anonymous', ...rest }
  },
}

function identityIn(read: ReadHeader, header: string): string | undefined {
  const value = read(header)
  if (value === undefined || identityPattern.test(value)) return value
  throw new MalformedCredential(header, 'must be 1 to 256 characters without control characters')
}

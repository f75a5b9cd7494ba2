import type { Actor, Person } from '#libs/contracts'

/** Who sends a request, and in which tenant. */
export interface Principal {
  /** The user id, else the e-mail address; empty if `kind` is `anonymous`. */
  id: string
  /** By what the principal is known: a user id, only an e-mail address, or nothing. */
  kind: 'user' | 'email' | 'anonymous'
  tenant: string
  email?: string
  /** Whether the identity was proven. If not, the request states it, and a proxy must have checked it. */
  verified: boolean
}

/** The principal as events record the actor: its id; `undefined` if it is anonymous. */
export function actorOf({ id, kind }: Principal): Actor | undefined {
  return kind === 'anonymous' ? undefined : id
}

/** The principal as events record a person: its user id and its e-mail address, as far as they are known. */
export function personOf({ id, kind, email }: Principal): Person {
  return { ...(kind === 'user' && { userId: id }), ...(email !== undefined && { userEmail: email }) }
}

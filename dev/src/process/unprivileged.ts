import { chmodSync, chownSync, lstatSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** A user to run Postgres as. */
export interface User {
  uid: number
  gid: number
}

/**
 * The user to run Postgres as if this process runs as root, which Postgres refuses; undefined otherwise.
 * An account that every system has, so that none must be added.
 * @throws Error if the system has neither `postgres` nor `nobody`
 */
export function unprivilegedUser(
  uid = process.getuid?.(),
  accounts = () => readFileSync('/etc/passwd', 'utf8'),
): User | undefined {
  if (uid !== 0) return undefined
  const lines = accounts().split('\n')
  for (const name of ['postgres', 'nobody']) {
    const fields = lines.find(line => line.startsWith(`${name}:`))?.split(':')
    if (fields) return { uid: Number(fields[2]), gid: Number(fields[3]) }
  }
  throw new Error(
    'PostgreSQL does not run as root, and there is no user "postgres" or "nobody" to run it as: start Shiplog as another user, or set DATABASE_URL.',
  )
}

/** True if every user may enter every folder above `path`. */
export function reachableByAll(path: string): boolean {
  return foldersAbove(path).every(folder => (statSync(folder).mode & 0o001) !== 0)
}

/** True if every user may reach `path` and read it. */
export function readableByAll(path: string): boolean {
  return (statSync(path).mode & 0o004) !== 0 && reachableByAll(path)
}

/** Creates a folder (mode 0700) that belongs to `user`, else to the current user. */
export function makeOwnFolder(path: string, user: User | undefined): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  if (lstatSync(path).isSymbolicLink())
    throw new Error(`${path} is a symbolic link: its target's owner is not changed, remove the link`)
  chmodSync(path, 0o700)
  if (user) chownSync(path, user.uid, user.gid)
}

function foldersAbove(path: string): string[] {
  const parent = dirname(path)
  return parent === path ? [] : [parent, ...foldersAbove(parent)]
}

import { chmodSync, chownSync, lstatSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** A user to run Postgres as. */
export interface User {
  uid: number
  gid: number
}

/**
 * The user that Postgres runs as when we are root, which it refuses to run as; undefined when we are not root.
 * An account that every system has instead of one that we would have to add to it.
 * @throws Error when the system has neither `postgres` nor `nobody`
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
    'PostgreSQL does not run as root and there is no user "postgres" or "nobody" to run it as: start Shiplog as another user, or set DATABASE_URL.',
  )
}

/** True when everybody may walk through every folder above `path`. */
export function reachableByAll(path: string): boolean {
  return foldersAbove(path).every(folder => (statSync(folder).mode & 0o001) !== 0)
}

/** True when everybody may walk to `path` and read it. */
export function readableByAll(path: string): boolean {
  return (statSync(path).mode & 0o004) !== 0 && reachableByAll(path)
}

/** Makes a folder (mode 0700) that belongs to `user`, or to us without one. */
export function makeOwnFolder(path: string, user: User | undefined): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  if (lstatSync(path).isSymbolicLink()) throw new Error(`${path} is a symbolic link: refusing to give it away`)
  chmodSync(path, 0o700)
  if (user) chownSync(path, user.uid, user.gid)
}

function foldersAbove(path: string): string[] {
  const parent = dirname(path)
  return parent === path ? [] : [parent, ...foldersAbove(parent)]
}

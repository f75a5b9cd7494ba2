import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const sourceFolders = ['apps', 'libs', 'dev/src']
const buildSettings = ['package.json', 'package-lock.json', 'tsconfig.json', 'nest-cli.json', '.swcrc']

/** A hash of all inputs of `npm ci`. */
export function installStamp(project) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`)
  return hash.update(readFileSync(join(project, 'package-lock.json'))).digest('hex')
}

/** A hash of all inputs of the build: names and contents, so that a removed file changes it too. */
export function sourceStamp(project) {
  const hash = createHash('sha256')
  const files = [...sourceFolders.flatMap(folder => filesBelow(project, folder)), ...buildSettings]
  for (const file of files) {
    const content = readFileSync(join(project, file))
    hash.update(`${file}\n${content.length}\n`).update(content)
  }
  return hash.digest('hex')
}

/**
 * True if node_modules matches the lock file, according to the list that npm writes there when it has finished: `npm ci`
 * was run by hand and need not be repeated.
 */
export function installedByHand(project) {
  const list = join(project, 'node_modules', '.package-lock.json')
  if (!existsSync(list)) return false
  const wanted = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8')).packages
  const installed = JSON.parse(readFileSync(list, 'utf8')).packages
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || optional || installed[path]?.version === version,
  )
}

function filesBelow(project, folder) {
  if (!existsSync(join(project, folder))) return []
  return readdirSync(join(project, folder), { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(entry => {
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesBelow(project, path)
      return entry.isFile() ? [path] : []
    })
}

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const sourceFolders = ['apps', 'libs', 'dev/src']
const buildSettings = ['package.json', 'package-lock.json', 'tsconfig.json', 'nest-cli.json', '.swcrc']

/** A hash of everything that decides what `npm ci` installs. */
export function installStamp(project) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`)
  return hash.update(readFileSync(join(project, 'package-lock.json'))).digest('hex')
}

/** A hash of everything that decides what the build makes: names and contents, so that a removed file counts too. */
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
 * True when node_modules holds what the lock asks for, by the list that npm leaves there when it has finished: somebody
 * ran `npm ci` by hand, which need not be repeated.
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

import { transformFileSync } from '@swc/core'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { projectFolder } from '#dev'

const sources = join(projectFolder, 'libs', 'key-schemas', 'src')
const files = readdirSync(sources).filter(file => file.endsWith('.ts') && !file.includes('spec.'))

/** Where threads start in tests: the lib's worker, compiled as it is now. */
export const workerFile = pathToFileURL(join(compiled(), 'worker.js'))

// Below node_modules, so that its packages are found. Several processes of Jest may do this at once.
function compiled(): string {
  const cache = join(projectFolder, 'node_modules', '.cache')
  const hash = createHash('sha256')
  for (const file of files) hash.update(readFileSync(join(sources, file)))
  const folder = join(cache, `key-schemas-${hash.digest('hex').slice(0, 16)}`)
  if (existsSync(folder)) return folder
  mkdirSync(cache, { recursive: true })
  const fresh = mkdtempSync(join(cache, 'key-schemas-'))
  for (const file of files) {
    const { code } = transformFileSync(join(sources, file), { configFile: join(projectFolder, '.swcrc') })
    writeFileSync(join(fresh, file.replace('.ts', '.js')), code)
  }
  writeFileSync(join(fresh, 'package.json'), '{"type":"module"}')
  try {
    renameSync(fresh, folder)
  } catch {
    rmSync(fresh, { recursive: true })
  }
  return folder
}

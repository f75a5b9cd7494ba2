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
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { projectFolder } from '#dev'

/**
 * Where threads start in tests: a file of the project, compiled as it is now with the folders that it needs.
 * @param folders of the project, with those below them
 */
export function compiledWorker(entry: string, folders: readonly string[]): URL {
  return pathToFileURL(join(compiled(folders), entry.replace('.ts', '.js')))
}

// Below node_modules, so that their packages are found. Several processes of Jest may do this at once.
function compiled(folders: readonly string[]): string {
  const files = folders.flatMap(sourcesBelow)
  const cache = join(projectFolder, 'node_modules', '.cache')
  const hash = createHash('sha256')
  for (const file of files) hash.update(file).update(readFileSync(join(projectFolder, file)))
  const folder = join(cache, `worker-${hash.digest('hex').slice(0, 16)}`)
  if (existsSync(folder)) return folder
  mkdirSync(cache, { recursive: true })
  const fresh = mkdtempSync(join(cache, 'worker-'))
  for (const file of files) {
    const { code } = transformFileSync(join(projectFolder, file), { configFile: join(projectFolder, '.swcrc') })
    mkdirSync(dirname(join(fresh, file)), { recursive: true })
    writeFileSync(join(fresh, file.replace('.ts', '.js')), code)
  }
  writeFileSync(
    join(fresh, 'package.json'),
    JSON.stringify({ type: 'module', imports: { '#libs/*': './libs/*/src/index.js' } }),
  )
  try {
    renameSync(fresh, folder)
  } catch {
    rmSync(fresh, { recursive: true })
  }
  return folder
}

function sourcesBelow(folder: string): string[] {
  return readdirSync(join(projectFolder, folder), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts') && !file.includes('spec.'))
    .map(file => join(folder, file))
    .toSorted()
}

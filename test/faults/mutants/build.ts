import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { mutate } from './markers.js'
import type { Mutant } from './mutant.js'

/** What an app needs of the project to be built and to run. */
const COPIED = ['apps', 'libs', 'package.json', '.swcrc']

/** Builds a mutant into a copy of the project and returns its folder. */
export async function buildMutant(mutant: Mutant, project: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), `shiplog-mutant-${mutant.name}-`))
  for (const part of COPIED) cpSync(join(project, part), join(folder, part), { recursive: true })
  symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'))
  for (const [file, text] of mutate(mutant, project)) writeFileSync(join(folder, file), text)
  const swc = join(project, 'node_modules', '@swc', 'cli', 'bin', 'swc.js')
  const args = [swc, 'apps', 'libs', '--out-dir', 'dist', '--config-file', '.swcrc', '--ignore', '**/*spec.ts']
  await promisify(execFile)(process.execPath, args, { cwd: folder })
  return folder
}

import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Mutant } from './mutant.js'

/** What an app needs of the project to be built and to run. */
const COPIED = ['apps', 'libs', 'package.json', '.swcrc']

/**
 * The files of a mutant as they are changed. Throws where a text to be changed is not there exactly once: the sources have changed,
 * and the mutant must follow.
 */
export function changed({ name, edits }: Pick<Mutant, 'name' | 'edits'>, project: string): Map<string, string> {
  const files = new Map<string, string>()
  for (const { file, old, new: replacement } of edits) {
    const parts = (files.get(file) ?? readFileSync(join(project, file), 'utf8')).split(old)
    if (parts.length !== 2) {
      throw new Error(`mutant ${name}: ${file} has ${parts.length - 1} times, and not once, the text\n${old}`)
    }
    files.set(file, parts.join(replacement))
  }
  return files
}

/** Builds a mutant into a copy of the project and returns its folder. */
export async function buildMutant({ name, edits }: Mutant, project: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), `shiplog-mutant-${name}-`))
  for (const part of COPIED) cpSync(join(project, part), join(folder, part), { recursive: true })
  symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'))
  for (const [file, text] of changed({ name, edits }, project)) writeFileSync(join(folder, file), text)
  const swc = join(project, 'node_modules', '@swc', 'cli', 'bin', 'swc.js')
  const args = [swc, 'apps', 'libs', '--out-dir', 'dist', '--config-file', '.swcrc', '--ignore', '**/*spec.ts']
  await promisify(execFile)(process.execPath, args, { cwd: folder })
  return folder
}

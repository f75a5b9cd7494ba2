import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder of the project. Looked for upwards because this file runs from dev/src (tests) and from dist/dev/src. */
export const projectFolder = findProject(import.meta.dirname)

function findProject(folder: string): string {
  if (existsSync(join(folder, 'dev', 'kafka', 'pom.xml'))) return folder
  const parent = dirname(folder)
  if (parent === folder) throw new Error(`no Shiplog project above ${import.meta.dirname}`)
  return findProject(parent)
}

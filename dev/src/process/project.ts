import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder of the project. Found by searching upwards, since this file runs from dev/src (tests) and from dist/dev/src. */
export const projectFolder = findProject(import.meta.dirname)

function findProject(folder: string): string {
  if (existsSync(join(folder, 'dev', 'kafka', 'pom.xml'))) return folder
  const parent = dirname(folder)
  if (parent === folder) throw new Error(`${import.meta.dirname} is not inside a Shiplog project`)
  return findProject(parent)
}

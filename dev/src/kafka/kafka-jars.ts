import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { hasErrorCode } from '../process/errors.js'
import { isAlive } from '../process/process-table.js'
import { projectFolder } from '../process/project.js'

const pom = join(projectFolder, 'dev', 'kafka', 'pom.xml')

/** Alternatives to installing a missing prerequisite; ends every error message about one. */
export const withoutInstalling =
  'or run everything with Docker Compose (docker compose -f docker/compose.yaml up), or set KAFKA_BROKERS to an existing broker'

/**
 * The folder for Kafka's jars: one per user, shared by all work trees, named after the pom's
 * version and contents, so that a changed pom never runs with old jars.
 * @param data used if the user has no writable cache folder
 */
function kafkaJarsFolder(data: string): string {
  const text = readFileSync(pom, 'utf8')
  const version = /<kafka\.version>(.+?)<\/kafka\.version>/.exec(text)?.[1]
  if (!version) throw new Error(`${pom} has no kafka.version`)
  return join(cacheFolder(data), `kafka-${version}-${createHash('sha256').update(text).digest('hex').slice(0, 8)}`)
}

/** True if the jars are cached. A folder of that name is always complete: it is renamed into place at the end. */
export function kafkaJarsCached(data: string): boolean {
  return existsSync(kafkaJarsFolder(data))
}

/**
 * Downloads Kafka's jars with Maven unless they are cached, and returns their folder.
 * @throws Error if Maven is missing, or with its output if it fails
 */
export async function fetchKafkaJars(data: string): Promise<string> {
  const folder = kafkaJarsFolder(data)
  if (existsSync(folder)) return folder
  const parent = cacheFolder(data)
  sweepAbandoned(parent)
  const partial = mkdtempSync(join(parent, `kafka-partial-${process.pid}-`))
  try {
    await copyDependencies(partial, parent === cacheOf(data) ? join(parent, 'm2') : undefined)
    renameSync(partial, folder)
  } catch (error) {
    // Another process was faster; its folder has the same contents.
    if (!(hasErrorCode(error, 'ENOTEMPTY', 'EEXIST') && existsSync(folder))) throw error
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
  return folder
}

// Maven also caches its downloads in the home folder, or elsewhere if that is not writable.
function copyDependencies(outputDirectory: string, repository: string | undefined): Promise<void> {
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${outputDirectory}`]
  const settings = ['-Dstyle.color=never', ...(repository ? [`-Dmaven.repo.local=${repository}`] : [])]
  const maven = spawn('mvn', ['-q', '-B', '-f', pom, ...settings, ...goal], { stdio: ['ignore', 'pipe', 'pipe'] })
  const stopMaven = () => void maven.kill()
  process.once('exit', stopMaven)
  let output = ''
  maven.stdout.on('data', chunk => (output += chunk))
  maven.stderr.on('data', chunk => (output += chunk))
  return new Promise<void>((resolve, reject) => {
    maven.once('error', error =>
      reject(
        hasErrorCode(error, 'ENOENT')
          ? new Error(
              `Downloading Kafka needs Maven, which was not found: install Maven 3.6 or later, ${withoutInstalling}.`,
              { cause: error },
            )
          : error,
      ),
    )
    maven.once('close', code =>
      code === 0 ? resolve() : reject(new Error(`Maven failed to download Kafka:\n${output.trim().slice(-2000)}`)),
    )
  }).finally(() => process.removeListener('exit', stopMaven))
}

function cacheFolder(data: string): string {
  const perUser = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'shiplog')
  for (const folder of [perUser, cacheOf(data)]) {
    if (isWritable(folder)) return folder
  }
  throw new Error(
    `Kafka cannot be downloaded: neither ${perUser} nor ${cacheOf(data)} is writable. Set XDG_CACHE_HOME to a writable folder.`,
  )
}

function cacheOf(data: string): string {
  return join(data, 'cache')
}

function isWritable(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true })
    rmSync(mkdtempSync(join(folder, 'probe-')), { recursive: true })
    return true
  } catch {
    return false
  }
}

// Removes folders of killed downloads, not of running ones.
function sweepAbandoned(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = /^kafka-partial-(\d+)-/.exec(name)?.[1]
    if (pid && !isAlive(Number(pid))) rmSync(join(parent, name), { recursive: true, force: true })
  }
}

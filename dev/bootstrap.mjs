// Runs before node_modules exists: this file and its imports load only Node's own modules at the top.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { withLock } from './lock.mjs'
import { installedByHand, installStamp, sourceStamp } from './stamps.mjs'
import { run, step } from './steps.mjs'

/** The project's folder. */
export const project = dirname(dirname(fileURLToPath(import.meta.url)))

/** Data folder of the embedded servers: SHIPLOG_DATA, else .shiplog in the project. */
export const dataFolder = resolve(process.env.SHIPLOG_DATA || join(project, '.shiplog'))

/** A failure with a message for people: printed without a stack. */
export class Refusal extends Error {}

/**
 * Prepares the project to run: checks Node's version, installs dependencies, builds, and downloads the embedded Kafka.
 * @returns the compiled dev/src
 * @throws {Refusal} saying what to install or to set
 */
export async function bootstrap() {
  const embeddedKafka = !process.env.KAFKA_BROKERS
  checkNode()
  if (embeddedKafka) checkJava()
  const onWait = pid => console.log(`Waiting for process ${pid}, which is installing or building this project`)
  await withLock(join(project, '.shiplog', 'bootstrap.lock'), installAndBuild, onWait)
  const dev = await import(pathToFileURL(join(project, 'dist', 'dev', 'src', 'index.js')).href)
  if (embeddedKafka && !dev.kafkaJarsCached(dataFolder)) {
    await step('Downloading Kafka with Maven (first run only)', () => dev.fetchKafkaJars(dataFolder)).catch(refuse)
  }
  return dev
}

async function installAndBuild() {
  const installed = join(project, 'node_modules', '.shiplog-installed')
  const wanted = installStamp(project)
  if (read(installed) !== wanted) {
    if (!installedByHand(project)) await step('Installing dependencies with npm ci', install)
    writeFileSync(installed, wanted)
  }
  const built = join(project, 'dist', '.shiplog-built')
  const sources = sourceStamp(project)
  if (read(built) !== sources) {
    await step('Building', build)
    writeFileSync(built, sources)
  }
}

async function install() {
  // npm's own path when npm runs us: the npm on the PATH may be another one.
  const npm = process.env.npm_execpath
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund']
  const installing = npm?.endsWith('.js')
    ? run(process.execPath, [npm, ...args], { cwd: project })
    : run('npm', args, { cwd: project })
  const { code, output } = await installing
  if (code !== 0) throw new Refusal(`npm ci failed:\n${output.trim()}`)
}

async function build() {
  const nest = join(project, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js')
  const { code, output } = await run(process.execPath, [nest, 'build'], { cwd: project })
  if (code !== 0) throw new Refusal(`The build failed:\n${output.trim()}`)
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  throw new Refusal(
    `Shiplog needs Node.js 20.19 or later, but this is ${process.versions.node}: install a later version.`,
  )
}

function checkJava() {
  const java = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', 'java') : 'java'
  const { error, status, stderr } = spawnSync(java, ['-version'], { encoding: 'utf8' })
  const version = error || status !== 0 ? undefined : /version "(?:1\.)?(\d+)/.exec(stderr)?.[1]
  if (Number(version) >= 17) return
  const found = version ? `Java ${version} was found` : 'no Java was found'
  throw new Refusal(
    `The embedded Kafka needs Java 17 or later and Maven, but ${found}: install them (on Debian: apt-get install openjdk-17-jre-headless maven), or run everything with Docker Compose (docker compose -f docker/compose.yaml up), or set KAFKA_BROKERS to an existing broker.`,
  )
}

function refuse(error) {
  throw new Refusal(error.message)
}

function read(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

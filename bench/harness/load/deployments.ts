import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { formatInstant } from '#libs/contracts'
import { project } from '../system/project.js'
import { hex, seededRandom, zipf } from './seeded.js'

/** Body of a POST, as a pipeline would send it. */
export interface DeploymentBody {
  application: string
  environment: string
  imageTag: string
  gitCommit: string
  gitBranch?: string
  deployedAt: string
  completedAt: string
  actor: string
}

export interface SentDeployment {
  tenant: string
  body: DeploymentBody
}

const TENANTS = 50
const APPLICATIONS = 70
const ENVIRONMENTS = ['dev', 'staging', 'production']
const FIRST_START = Date.UTC(2026, 0, 1)

/** Generates deployments, the same for the same seed. Tenants and their applications are distributed by Zipf's law. */
export function* madeUpDeployments(seed: number, everyMs = 20_000): Generator<SentDeployment, never> {
  const random = seededRandom(seed)
  const tenant = zipf(TENANTS, random)
  const application = zipf(APPLICATIONS, random)
  for (let number = 1; ; number++) {
    const start = FIRST_START + number * everyMs
    const gitCommit = hex(40, random)
    yield {
      tenant: `tenant-${tenant()}`,
      body: {
        application: `application-${application()}`,
        environment: ENVIRONMENTS[Math.floor(random() * ENVIRONMENTS.length)]!,
        imageTag: `v${number}-${gitCommit.slice(0, 7)}`,
        gitCommit,
        gitBranch: 'main',
        deployedAt: formatInstant(new Date(start)),
        completedAt: formatInstant(new Date(start + 30_000 + Math.floor(random() * 600) * 1000)),
        actor: `engineer-${Math.floor(random() * 100)}`,
      },
    }
  }
}

/** A history of real size, and its source. */
export interface History {
  source: string
  bodies: DeploymentBody[]
}

const REAL_SIZE = 77_016
const realFile = join(project, '..', 'shared', 'data', 'govuk-deployments.jsonl.gz')

/** The deployments of GOV.UK if their file is beside the project, else as many generated ones. */
export function realHistory(limit = REAL_SIZE): History {
  if (!existsSync(realFile)) {
    const bodies = [...take(madeUpDeployments(77), limit)].map(({ body }) => body)
    return { source: `${bodies.length} generated deployments (the file of GOV.UK is not beside the project)`, bodies }
  }
  const lines = gunzipSync(readFileSync(realFile)).toString().split('\n').filter(Boolean)
  const first = lines.slice(0, limit)
  const source = `${first.length === lines.length ? 'the' : `the first ${first.length} of`} ${lines.length} deployments of GOV.UK`
  return { source, bodies: first.map(toBody) }
}

function toBody(line: string): DeploymentBody {
  const { application, environment, imageTag, at, actor, gitopsCommit } = JSON.parse(line) as RealDeployment
  return { application, environment, imageTag, gitCommit: gitopsCommit, deployedAt: at, completedAt: at, actor }
}

interface RealDeployment extends Pick<DeploymentBody, 'application' | 'environment' | 'imageTag' | 'actor'> {
  at: string
  gitopsCommit: string
}

/** The first `count` items. */
export function* take<T>(source: Iterator<T>, count: number): Generator<T> {
  for (let taken = 0; taken < count; taken++) yield source.next().value as T
}

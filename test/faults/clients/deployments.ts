import { randomUUID } from 'node:crypto'
import { pick } from '../world/pick.js'

export const tenants = ['acme', 'globex', 'initech']
const applications = Array.from({ length: 12 }, (_, index) => `app-${index + 1}`)
const environments = ['dev', 'staging', 'production', 'prod', 'sandbox']
const DAY_MS = 24 * 3600 * 1000

/** A deployment as a client remembers it. */
export interface Known {
  tenant: string
  id: string
  application: string
  environment: string
  imageTag: string
  status: string
  version: number
  /** Where its last acknowledged event stands. */
  position: string
}

/** Few applications are deployed often, many seldom (Zipf): the first one is what everybody meets at. */
export function anApplication(random: () => number): string {
  const total = applications.reduce((sum, _, index) => sum + 1 / (index + 1), 0)
  let point = random() * total
  return applications.find((_, index) => (point -= 1 / (index + 1)) < 0) ?? applications[0]!
}

/** Body of a new deployment; its labels say who sent it, and for whom. */
export function aDeployment(tenant: string, token: string, random: () => number): Record<string, unknown> {
  const application = anApplication(random)
  const tag = Math.floor(random() * 40)
  const status = random() < 0.35 ? 'PENDING' : random() < 0.85 ? 'DEPLOYED' : 'FAILED'
  // Some facts arrive late.
  const age = random() < 0.2 ? random() * 30 * DAY_MS : random() * 60_000
  const start = Date.now() - age
  const finished = status !== 'PENDING' && random() < 0.5
  return {
    application,
    environment: pick(environments, random),
    imageTag: `v${tag}`,
    status,
    deployedAt: new Date(start).toISOString(),
    ...(finished && { completedAt: new Date(start + random() * age).toISOString() }),
    ...(random() < 0.3 && { actor: `actor-${Math.floor(random() * 5)}` }),
    ...(random() < 0.2 && { gitCommit: randomUUID().slice(0, 8), gitBranch: 'main' }),
    labels: { token, tenant },
  }
}

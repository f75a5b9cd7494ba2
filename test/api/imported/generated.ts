import { random } from '../../kit/index.js'

/** A deployment as a line of an import has it; without an id, so that it is known by its content. */
export interface ImportLine {
  application: string
  environment: string
  imageTag: string
  deployedAt: string
  completedAt: string
  actor: string
  gitCommit: string
}

/** Made-up deployments of three environments, with returns to older tags among them. */
export function generatedDeployments(count: number): ImportLine[] {
  const next = random(7)
  const latest = new Map<string, number>()
  return Array.from({ length: count }, (_, n) => {
    const application = `app-${Math.floor(next() * 20)}`
    const environment = ['integration', 'staging', 'production'][Math.floor(next() * 3)]!
    const place = `${application} ${environment}`
    const goesBack = next() < 0.05 && (latest.get(place) ?? 0) > 1
    const version = (latest.get(place) ?? 0) + (goesBack ? -1 : 1)
    latest.set(place, version)
    const at = new Date(Date.UTC(2024, 0, 1) + n * 60_000).toISOString().replace('.000Z', 'Z')
    return lineOf({ at, application, environment, imageTag: `v${version}`, actor: 'ci', gitopsCommit: n.toString(16) })
  })
}

interface Change {
  at: string
  application: string
  environment: string
  imageTag: string
  actor: string
  gitopsCommit: string
}

/** The line of one deployment, which succeeded at once. */
export function lineOf({ at, application, environment, imageTag, actor, gitopsCommit }: Change): ImportLine {
  return { application, environment, imageTag, deployedAt: at, completedAt: at, actor, gitCommit: gitopsCommit }
}

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

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

const file = join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'govuk-deployments.jsonl.gz')

/** Whether the real deployments lie beside the project. */
export const realDataThere = existsSync(file)

/** 77,016 real deployments of GOV.UK, in the order in which they happened; each a success that started and finished at once. */
export function realDeployments(): ImportLine[] {
  const lines = gunzipSync(readFileSync(file)).toString().trimEnd().split('\n')
  return lines.map(line => {
    const { at, application, environment, imageTag, actor, gitopsCommit } = JSON.parse(line) as Record<string, string>
    return lineOf({
      at: at!,
      application: application!,
      environment: environment!,
      imageTag: imageTag!,
      actor: actor!,
      gitopsCommit: gitopsCommit!,
    })
  })
}

/** Made-up ones of the same form, with returns to older tags among them, for where the real ones are not. */
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

/** The same lines in another order, the same each time. */
export function shuffled<T>(items: readonly T[]): T[] {
  const next = random(42)
  const mixed = [...items]
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = Math.floor(next() * (last + 1))
    ;[mixed[last], mixed[other]] = [mixed[other]!, mixed[last]!]
  }
  return mixed
}

interface Change {
  at: string
  application: string
  environment: string
  imageTag: string
  actor: string
  gitopsCommit: string
}

function lineOf({ at, application, environment, imageTag, actor, gitopsCommit }: Change): ImportLine {
  return { application, environment, imageTag, deployedAt: at, completedAt: at, actor, gitCommit: gitopsCommit }
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

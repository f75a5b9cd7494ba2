import { environmentName } from '../../independent/deployments/pipeline.js'
import { incidentsPath, random } from '../../kit/index.js'
import { shuffledBy } from '../../kit/random.js'
import { shas, tags } from './commands.js'

/** One request: the path below that of the deployments, or below another one. */
export interface Request {
  base?: string
  path: string
  body: object
}

const applications = ['checkout', 'search', 'platform']
const environments = ['dev', 'stage', 'Prod', ' PRODUCTION']

/**
 * Deployments as their pipelines might report them, each by requests that must come in order: recorded at once, or pending and
 * completed later, corrected, marked as rolled back, undone by another one that says so. No two things happen in the same
 * millisecond, so that the order in which they come makes no difference.
 */
export function stories(count: number, seed: number): Request[][] {
  const next = random(seed)
  const oneOf = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)]!
  const ids = Array.from({ length: count }, (_, n) => `0198c0de-0000-7000-8000-${String(n).padStart(12, '0')}`)
  const slots = shuffledBy([...ids.keys()], next)
  const places = ids.map(() => ({ application: oneOf(applications), environment: oneOf(environments) }))
  // What is undone must be of the same place, whichever of both is told first; some name what nobody ever tells.
  const undone = (n: number) => {
    const others = ids.filter((_, other) => other !== n && isSame(places[other]!, places[n]!))
    return next() < 0.1 || others.length === 0 ? 'ffffffff-ffff-4fff-8fff-ffffffffffff' : oneOf(others)
  }
  return ids.map((id, n) => {
    const slot = slots[n]!
    const start = Date.UTC(2026, 0, 1) + slot * 7 * 3_600_000
    const deployedAt = shown(start)
    const completedAt = shown(start + Math.ceil(next() * 1200) * 60_000 + 1 + slot)
    const rolledBackAt = shown(start + Math.ceil(next() * 4000) * 60_000 + 1 + count + slot)
    const commits = [oneOf(shas), oneOf(shas)].map(sha => ({ sha, committedAt: shown(start - next() * 864e5) }))
    const facts = {
      id,
      ...places[n]!,
      imageTag: oneOf(tags),
      deployedAt,
      ...(next() < 0.5 && { commits }),
      ...(next() < 0.1 && { rollbackOf: undone(n) }),
      ...(next() < 0.2 && { unplanned: true }),
    }
    const recorded = (more: object): Request => ({ path: '', body: { ...facts, ...more } })
    // A mark of what runs marks all that keeps its tag running, as far as that is known by then: of this tag there is no other.
    const alone = { imageTag: `only-${n}` }
    const afterwards = (what: string, body: object): Request => ({ path: `/${id}/${what}`, body })
    const corrected = (change: object) => afterwards('correct', { reason: 'it was not so', ...change })
    const pending = recorded({ status: 'PENDING' })
    const voided = afterwards('void', { reason: 'it never was' })
    const toVersion = { imageTag: facts.imageTag, commits, image: 'registry.example.com/acme/image' }
    const complete = afterwards('complete', { status: next() < 0.7 ? 'DEPLOYED' : 'FAILED', completedAt })
    const removed = afterwards('remove', {
      removedAt: shown(start + Math.ceil(1200 + next() * 4000) * 60_000 + 1 + 2 * count + slot),
    })
    const marked = afterwards('rollback', { rolledBackAt, reason: 'broken' })
    return oneOf([
      [recorded({ completedAt })],
      [recorded({ completedAt })],
      [recorded({})],
      [recorded({ completedAt, status: 'FAILED' })],
      [recorded({ completedAt, status: 'CANCELLED' }), corrected({ status: next() < 0.5 ? 'DEPLOYED' : 'FAILED' })],
      [pending, { ...complete, body: { ...complete.body, status: 'CANCELLED' } }],
      [recorded({ completedAt, status: 'ROLLED_BACK', ...(next() < 0.5 && { rolledBackAt }) })],
      [recorded({ completedAt }), removed],
      [pending, { ...complete, body: { ...complete.body, status: 'DEPLOYED' } }, removed],
      [pending],
      [pending, complete],
      [pending, marked],
      [recorded({ status: 'PENDING', ...alone }), complete, marked],
      [recorded({ completedAt, ...alone }), marked],
      [recorded({ completedAt }), corrected({ status: 'FAILED', unplanned: true })],
      [recorded({ completedAt, status: 'FAILED' }), corrected({ status: 'DEPLOYED' })],
      [recorded({ deployedAt: shown(start - 864e5 * next()), completedAt }), corrected({ deployedAt })],
      [recorded({ completedAt, imageTag: oneOf(tags), commits: [] }), corrected(toVersion)],
      [recorded({ completedAt, rollbackOf: undone(n) }), corrected({ rollbackOf: null })],
      [recorded({ completedAt }), corrected({ rollbackOf: undone(n), notes: 'it undoes that one' })],
      [recorded({ completedAt }), voided],
      [pending, complete, voided],
      [recorded({ completedAt, ...alone }), marked, voided],
      [recorded({ completedAt, imageTag: oneOf(tags) }), corrected(toVersion), voided],
      [recorded({ ...alone }), corrected({ completedAt }), marked, corrected({ status: 'DEPLOYED', unplanned: null })],
    ])
  })
}

/**
 * Incidents of these deployments, opened and perhaps resolved: by what was active when they started, by a deployment, or by one that nobody
 * ever tells. Those that name a deployment alone have no order with it.
 */
export function incidentStories(histories: Request[][], count: number, seed: number): Request[][] {
  const next = random(seed)
  const oneOf = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)]!
  const told = histories.map(([{ body }]) => body as Place & { id: string })
  return Array.from({ length: count }, (_, n) => {
    const id = `incident ${n}`
    const start = Date.UTC(2026, 0, 1) + Math.floor(next() * histories.length * 7 * 3_600_000) + n
    const { id: deploymentId, application, environment } = oneOf(told)
    const slot = { application, environment }
    const names = oneOf([
      slot,
      slot,
      slot,
      { deploymentId },
      { deploymentId, ...slot },
      { deploymentId: 'ffffffff-ffff-4fff-8fff-ffffffffffff', ...slot },
    ])
    const opened = { base: incidentsPath, path: '', body: { id, ...names, startedAt: shown(start) } }
    const resolvedAt = shown(start + Math.ceil(next() * 4000) * 60_000)
    const resolved = { base: incidentsPath, path: `/${encodeURIComponent(id)}/resolve`, body: { resolvedAt } }
    return next() < 0.6 ? [opened, resolved] : [opened]
  })
}

type Place = Record<'application' | 'environment', string>

function isSame(a: Place, b: Place): boolean {
  return a.application === b.application && environmentName(a.environment) === environmentName(b.environment)
}

/** All requests in an order of their own; those of one story stay in theirs. */
export function interleaved(told: Request[][], next: () => number): Request[] {
  const order = shuffledBy(
    told.flatMap((requests, story) => requests.map(() => story)),
    next,
  )
  const rest = told.map(requests => [...requests])
  return order.map(story => rest[story]!.shift()!)
}

function shown(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z')
}

import { createHash } from 'node:crypto'

/** The body of a `POST /api/v1/platform/deployments`. */
export interface DemoDeployment {
  id: string
  application: string
  environment: 'dev' | 'staging' | 'production'
  imageTag: string
  gitCommit: string
  gitBranch: string
  status: 'DEPLOYED' | 'FAILED' | 'PENDING' | 'CANCELLED'
  deployedAt: string
  completedAt?: string
  actor: string
  notes?: string
}

interface Release {
  application: string
  imageTag: string
  actor: string
  /** Days before the end of the history at which it reached dev, staging and production; fewer if it did not get that far. */
  daysAgo: number[]
  minutes: number
  /** The first attempt there failed; the second one started an hour later. */
  failsFirstIn?: DemoDeployment['environment']
  notes?: string
}

const environments = ['dev', 'staging', 'production'] as const
const hourMs = 3_600_000
const dayMs = 24 * hourMs

const releases: Release[] = [
  { application: 'checkout', imageTag: 'v1.4.0', actor: 'ana@acme.example', daysAgo: [30, 29, 28], minutes: 4 },
  { application: 'checkout', imageTag: 'v1.5.0', actor: 'ben@acme.example', daysAgo: [20, 19, 17], minutes: 5 },
  {
    application: 'checkout',
    imageTag: 'v1.6.0',
    actor: 'ana@acme.example',
    daysAgo: [9, 8, 6],
    minutes: 5,
    failsFirstIn: 'staging',
    notes: 'New tax rules',
  },
  { application: 'catalog', imageTag: 'v2.0.0', actor: 'chen@acme.example', daysAgo: [29, 27, 25], minutes: 7 },
  { application: 'catalog', imageTag: 'v2.1.0', actor: 'chen@acme.example', daysAgo: [18, 16, 14], minutes: 8 },
  { application: 'catalog', imageTag: 'v2.2.0', actor: 'dora@acme.example', daysAgo: [7, 5, 3], minutes: 7 },
  { application: 'payments', imageTag: 'v3.1.0', actor: 'dora@acme.example', daysAgo: [28, 26, 24], minutes: 11 },
  {
    application: 'payments',
    imageTag: 'v3.2.0',
    actor: 'ben@acme.example',
    daysAgo: [15, 13, 11],
    minutes: 12,
    failsFirstIn: 'production',
    notes: 'Needs migration 42',
  },
  { application: 'payments', imageTag: 'v3.3.0', actor: 'ben@acme.example', daysAgo: [6, 4, 2], minutes: 10 },
  { application: 'notifications', imageTag: 'v0.8.0', actor: 'ana@acme.example', daysAgo: [27, 25, 22], minutes: 2 },
  { application: 'notifications', imageTag: 'v0.9.0', actor: 'eli@acme.example', daysAgo: [12, 10, 8], minutes: 3 },
  { application: 'notifications', imageTag: 'v0.10.0', actor: 'eli@acme.example', daysAgo: [3, 1], minutes: 3 },
  { application: 'checkout', imageTag: 'v1.7.0', actor: 'ben@acme.example', daysAgo: [1], minutes: 4 },
]

/**
 * The demo's deployments in order of their start: about 40 in the 30 days before `end`, with failures, a
 * rollback to an older version in production, a cancelled one and a pending one. The same `end` gives the same bytes.
 */
export function demoHistory(end: Date): DemoDeployment[] {
  const history = [
    ...releases.flatMap(release => release.daysAgo.flatMap((days, at) => reach(release, environments[at], end, days))),
    // v3.3.0 of payments failed in use: the older version again, two hours later.
    deploy({ ...find('payments', 'v3.2.0'), notes: 'Back from v3.3.0' }, 'production', end, 2 - 2 / 24, 'again'),
    // Somebody stopped the pipeline of v1.7.0 before it had changed staging.
    { ...deploy(find('checkout', 'v1.7.0'), 'staging', end, 0.5), status: 'CANCELLED' as const },
    unfinished(deploy(find('notifications', 'v0.10.0'), 'production', end, 0)),
    mistaken(end),
  ]
  return history.toSorted((a, b) => Date.parse(a.deployedAt) - Date.parse(b.deployedAt))
}

/** The deployment that the demo marks as rolled back, with the reason. */
export function demoRollback(end: Date): { id: string; reason: string; rolledBackAt: string } {
  const { id, deployedAt } = deploy(find('payments', 'v3.3.0'), 'production', end, 2)
  return { id, reason: 'Card payments declined', rolledBackAt: instant(Date.parse(deployedAt) + 1.8 * hourMs) }
}

/** The body of a `POST /api/v1/platform/incidents`. */
export interface DemoIncident {
  id: string
  application: string
  environment: DemoDeployment['environment']
  startedAt: string
  title: string
}

/** The demo's incidents: a resolved one, and an open one of a deployment that runs. */
export function demoIncidents(end: Date): { incident: DemoIncident; resolvedAt?: string }[] {
  const incident = (id: string, application: string, daysAgo: number, title: string): DemoIncident => {
    const startedAt = instant(end.getTime() - daysAgo * dayMs)
    return { id, application, environment: 'production', startedAt, title }
  }
  return [
    {
      incident: incident('DEMO-1', 'catalog', 13, 'Search results are empty'),
      resolvedAt: instant(end.getTime() - 13 * dayMs + 2 * hourMs),
    },
    { incident: incident('DEMO-2', 'checkout', 1 / 4, 'Checkout is slow') },
  ]
}

/** The deployment that the demo voids, with the reason: it went to dev. */
export function demoVoid(end: Date): { id: string; reason: string } {
  return { id: mistaken(end).id, reason: 'The pipeline reported production instead of dev' }
}

function mistaken(end: Date): DemoDeployment {
  return deploy(find('checkout', 'v1.7.0'), 'production', end, 1 - 1 / 24, 'mistaken')
}

/** The deployment that the demo removes: notifications left dev, since its team uses staging. */
export function demoRemoval(end: Date): { id: string; reason: string; removedAt: string } {
  const { id, completedAt } = deploy(find('notifications', 'v0.10.0'), 'dev', end, 3)
  return { id, reason: 'The team uses staging', removedAt: instant(Date.parse(completedAt!) + 24 * hourMs) }
}

/** The `end` of a history whose first deployment started then. */
export function endOfHistory(first: DemoDeployment['deployedAt']): Date {
  return new Date(Date.parse(first) + Math.max(...releases.flatMap(release => release.daysAgo)) * dayMs)
}

function reach(
  release: Release,
  environment: DemoDeployment['environment'],
  end: Date,
  days: number,
): DemoDeployment[] {
  if (release.failsFirstIn !== environment) return [deploy(release, environment, end, days)]
  const failed = deploy(release, environment, end, days, 'failed')
  return [
    { ...failed, status: 'FAILED', notes: 'Readiness probe timed out' },
    deploy(release, environment, end, days - 1 / 24),
  ]
}

function deploy(
  { application, imageTag, actor, minutes, notes }: Release,
  environment: DemoDeployment['environment'],
  end: Date,
  days: number,
  attempt = '',
): DemoDeployment {
  const start = end.getTime() - days * dayMs
  return {
    id: uuid(`${application} ${imageTag} ${environment} ${attempt}`),
    application,
    environment,
    imageTag,
    gitCommit: sha256(`${application} ${imageTag}`).slice(0, 40),
    gitBranch: 'main',
    status: 'DEPLOYED',
    deployedAt: instant(start),
    completedAt: instant(start + minutes * 60_000),
    actor,
    ...(notes && { notes }),
  }
}

function unfinished({ completedAt: _, ...deployment }: DemoDeployment): DemoDeployment {
  return { ...deployment, status: 'PENDING' }
}

function find(application: string, imageTag: string): Release {
  return releases.find(release => release.application === application && release.imageTag === imageTag)!
}

function instant(ms: number): string {
  return new Date(Math.round(ms / 1000) * 1000).toISOString().replace('.000Z', 'Z')
}

// UUID version 8 leaves its bits to the application (RFC 9562).
function uuid(of: string): string {
  const hex = sha256(`shiplog demo ${of}`)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

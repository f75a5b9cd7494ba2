import { Answers } from './answers.js'
import type { Deployment } from '../deployments/deployments.js'
import { environmentName } from '../deployments/pipeline.js'

// The recomputation with which all responses are compared, at examples that a reader can check by hand.

const at = (time: string) => `2026-02-12T${time}:00Z`
let seq = 0

function deployment(environment: string, imageTag: string, times: string, facts: Partial<Deployment> = {}): Deployment {
  const [start, end] = times.split('-') as [string, string?]
  seq += 1
  return {
    tenant: 'acme',
    id: `${environment} ${imageTag} ${start}`,
    application: 'checkout',
    environment,
    imageTag,
    status: 'DEPLOYED',
    succeeded: true,
    deployedAt: at(start),
    ...(end !== undefined && { completedAt: at(end) }),
    partition: 0,
    seq,
    lastSeq: seq,
    version: 1,
    recordedAt: at(start),
    more: {},
    ...facts,
  }
}

const failed = { status: 'FAILED', succeeded: false }
const rolledBackAt = (time: string) => ({ status: 'ROLLED_BACK', more: { rolledBackAt: at(time) } })
const answersOf = (...deployments: Deployment[]) => new Answers(() => deployments)

describe('current', () => {
  const answers = answersOf(
    deployment('prod', 'v1', '08:00-08:10'),
    deployment('prod', 'v2', '09:00-09:10', rolledBackAt('10:00')),
    deployment('prod', 'v3', '09:30', { status: 'ROLLED_BACK' }),
  )

  it.each([
    ['07:59', []],
    ['08:09', []],
    ['08:10', ['v1']],
    ['09:10', ['v2']],
    ['09:59', ['v2']],
    ['10:00', ['v1']],
  ])('has the active deployment with asOf %s', (time, tags) => {
    expect(answers.current({ asOf: at(time) }).map(({ imageTag }) => imageTag)).toEqual(tags)
  })
})

describe('what was removed', () => {
  const removedAt = (time: string) => ({ more: { removedAt: at(time) } })
  const answers = answersOf(
    deployment('prod', 'v1', '08:00'),
    deployment('prod', 'v2', '09:00', removedAt('10:00')),
    deployment('prod', 'v3', '11:00', rolledBackAt('12:00')),
    deployment('dev', 'v1', '08:00'),
  )

  it.each([
    ['08:30', ['v1']],
    ['09:59', ['v2']],
    ['10:00', []],
    ['11:00', ['v3']],
    ['12:00', []],
  ])('is not current with asOf %s, nor is the one before', (time, tags) => {
    const current = answers.current({ environment: 'prod', asOf: at(time) })
    expect(current.map(({ imageTag }) => imageTag)).toEqual(tags)
  })

  it('is the cause of the drift that its removal began', () => {
    const drift = answersOf(
      deployment('dev', 'v1', '08:00'),
      deployment('prod', 'v1', '08:00', removedAt('10:00')),
    ).drift({
      source: 'dev',
      target: 'prod',
      asOf: at('20:00'),
    })
    const cause = { deploymentId: 'prod v1 08:00', environment: 'production', imageTag: 'v1', removed: true }
    expect(drift).toMatchObject([{ state: 'onlyInSource', since: at('10:00'), cause }])
  })
})

it.each([
  [' Production', 'production'],
  ['PROD', 'production'],
  ['Development ', 'dev'],
  ['Prod-EU', 'prod-eu'],
])('environmentName maps %j to %j', (name, resolved) => {
  expect(environmentName(name)).toBe(resolved)
})

describe('drift from dev to production', () => {
  const drift = (...deployments: Deployment[]) =>
    answersOf(...deployments).drift({ source: 'dev', target: 'prod', asOf: at('20:00') })

  it('starts after the last equality, with the number of tags that the source is ahead', () => {
    const rows = drift(
      deployment('dev', 'v1', '08:00'),
      deployment('prod', 'v1', '09:00'),
      deployment('dev', 'v2', '10:00-10:05'),
      deployment('dev', 'v3', '11:00'),
      deployment('dev', 'v2', '12:00'),
    )
    const cause = { deploymentId: 'dev v2 10:00', environment: 'dev', imageTag: 'v2' }
    expect(rows).toMatchObject([{ state: 'different', since: at('10:05'), cause, direction: 'ahead', aheadBy: 2 }])
  })

  it('continues while one side has no active deployment, and ends while neither has', () => {
    const gone = (environment: string, time: string) => deployment(environment, 'v1', '08:00', rolledBackAt(time))
    expect(drift(gone('dev', '09:00'), gone('prod', '10:00'))).toEqual([])
    expect(drift(gone('dev', '09:00'), gone('prod', '10:00'), deployment('prod', 'v2', '11:00'))).toMatchObject([
      { state: 'onlyInTarget', since: at('11:00'), cause: { deploymentId: 'prod v2 11:00' } },
    ])
    expect(drift(gone('dev', '09:00'), deployment('prod', 'v1', '08:00'))).toMatchObject([
      { since: at('09:00'), cause: { deploymentId: 'dev v1 08:00', environment: 'dev' } },
    ])
  })

  it('is diverged where neither had the tag of the other, and behind where the target had that of the source', () => {
    expect(drift(deployment('dev', 'v1', '08:00'), deployment('prod', 'v2', '08:00'))[0]).toEqual({
      application: 'checkout',
      source: { imageTag: 'v1', deploymentId: 'dev v1 08:00', deployedAt: at('08:00') },
      target: { imageTag: 'v2', deploymentId: 'prod v2 08:00', deployedAt: at('08:00') },
      state: 'different',
      since: at('08:00'),
      cause: { deploymentId: 'prod v2 08:00', environment: 'production', imageTag: 'v2' },
      direction: 'diverged',
    })
    const [row] = drift(
      deployment('dev', 'v1', '08:00'),
      deployment('prod', 'v1', '08:30'),
      deployment('prod', 'v2', '09:00'),
    )
    expect(row).toMatchObject({ direction: 'behind', since: at('09:00') })
    expect(row).not.toHaveProperty('aheadBy')
  })
})

it('metrics count each failure once, and recover by the next success', () => {
  const referencing = deployment('prod', 'v1', '13:00', { rollbackOf: 'prod v3 12:00' })
  const commits = [{ sha: 'abc', committedAt: at('07:00') }]
  const figures = answersOf(
    deployment('dev', 'v2', '08:30-08:40'),
    deployment('prod', 'v1', '08:00-08:10', { more: { commits, unplanned: true } }),
    deployment('prod', 'v2', '09:00-09:10', { more: { commits } }),
    deployment('prod', 'v1', '10:00'),
    deployment('prod', 'v2', '11:00-11:10', failed),
    deployment('prod', 'v3', '12:00'),
    referencing,
    deployment('prod', 'v4', '13:30', { status: 'CANCELLED', succeeded: false }),
    deployment('prod', 'v4', '14:00', { status: 'PENDING', succeeded: false }),
  ).figures({ environment: 'prod', from: at('08:00'), to: at('14:00'), timezone: 'Asia/Kathmandu' })
  expect(figures).toEqual({
    environment: 'production',
    from: at('08:00'),
    to: at('14:00'),
    timezone: 'Asia/Kathmandu',
    deployments: 6,
    deploymentFrequency: { count: 5, perDay: 5, buckets: [{ start: '2026-02-11T18:15:00Z', count: 5 }] },
    cancelled: 1,
    // v2 at 11:10 failed; v3 has a reported rollback; v2 at 09:10 has an inferred one, by v1 at 10:00.
    changeFailRate: {
      rate: 0.5,
      failed: 1,
      rolledBackReported: 1,
      rolledBackInferred: 1,
      incidents: 0,
      unattributed: 0,
    },
    leadTimeForChange: { medianSeconds: 70 * 60, p95Seconds: 70 * 60, commits: 1 },
    failedDeploymentRecoveryTime: { medianSeconds: 50 * 60, recovered: 3, open: 0 },
    reworkRate: { rate: 1 / 6, unplanned: 1 },
    deploymentDuration: { medianSeconds: 600, p95Seconds: 600, count: 2 },
    promotionLeadTime: { medianSeconds: 30 * 60, p95Seconds: 30 * 60, tags: 1 },
  })
})

describe('rollbackTarget', () => {
  const tags = (...deployments: Deployment[]) => {
    const { target, passedOver } = answersOf(...deployments).rollbackTarget({
      application: 'checkout',
      environment: 'prod',
    })
    return [target, passedOver.map(({ id, why }) => `${id}: ${why}`)]
  }
  const [z, a, b] = [
    deployment('prod', 'z', '08:00'),
    deployment('prod', 'a', '09:00'),
    deployment('prod', 'b', '10:00'),
  ]

  it('passes over deployments that were undone, reported or inferred', () => {
    const due = ['prod z 08:00', ['prod b 10:00: undone', 'prod a 09:00: same tag']]
    expect(tags(z, a, b, deployment('prod', 'a', '11:00'))).toEqual(due)
    expect(tags(b, deployment('prod', 'a', '11:00', { rollbackOf: b.id }), z, a)).toEqual(due)
  })

  it('passes over deployments that failed or were rolled back', () => {
    expect(tags(z, { ...a, ...failed }, { ...b, status: 'ROLLED_BACK' }, deployment('prod', 'c', '11:00'))).toEqual([
      'prod z 08:00',
      ['prod b 10:00: ROLLED_BACK', 'prod a 09:00: FAILED'],
    ])
    expect(tags(a, b)).toEqual(['prod a 09:00', []])
    expect(tags(a)).toEqual([undefined, []])
  })
})

it('a reported rollback counts only for a success in the same slot, and not for itself', () => {
  const referenced = deployment('prod', 'v1', '10:00')
  const reported = (more: Partial<Deployment>) => {
    const referencing = deployment('prod', 'v2', '11:00', { rollbackOf: referenced.id, ...more })
    const answers = answersOf(referenced, referencing)
    const question = { environment: 'prod', from: at('00:00'), to: at('20:00') }
    const { changeFailRate } = answers.figures(question) as { changeFailRate: { rolledBackReported: number } }
    const record = answers.history({}).find(({ id }) => id === referencing.id)!
    return [changeFailRate.rolledBackReported, record['rollbackIgnored'] === undefined]
  }
  expect(reported({})).toEqual([1, true])
  expect(reported({ environment: 'Production' })).toEqual([1, true])
  expect(reported({ environment: 'dev' })).toEqual([0, false])
  expect(reported({ application: 'search' })).toEqual([0, false])
  expect(reported(failed)).toEqual([0, false])
  expect(reported({ status: 'PENDING', succeeded: false })).toEqual([0, true])
  expect(reported({ id: 'x', rollbackOf: 'x' })).toEqual([0, false])
})

it('tagPath tells whether any deployment of the tag is active', () => {
  const active = (...deployments: Deployment[]) => answersOf(...deployments).tagPath('v1', {})[0]!['active']
  const v1 = deployment('prod', 'v1', '09:00')
  const v2 = deployment('prod', 'v2', '10:00')
  expect(active(v1, v2)).toBe(false)
  expect(active(v1, v2, deployment('prod', 'v1', '11:00'))).toBe(true)
  expect(active(v1, v2, deployment('prod', 'v1', '11:00', failed))).toBe(false)
  expect(active(v1, deployment('prod', 'v2', '10:00', rolledBackAt('10:30')))).toBe(true)
})

it('tagPath names the previous environment', () => {
  const answers = answersOf(
    deployment('qa', 'v1', '07:00'),
    deployment('production', 'v1', '09:00'),
    deployment('staging', 'v1', '09:30'),
    deployment('dev', 'v1', '08:00', failed),
    deployment('dev', 'v1', '08:30'),
  )
  const path = answers.tagPath('v1', {})
  expect(path.map(({ environment, from, secondsAfterPrevious }) => [environment, from, secondsAfterPrevious])).toEqual([
    ['dev', undefined, undefined],
    ['staging', 'dev', 3600],
    ['production', 'dev', 1800],
    ['qa', undefined, undefined],
  ])
})

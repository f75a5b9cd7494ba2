import type { DriftComparison, DriftHistory, DriftMatrix } from './drift.js'

const id = (n: number) => `0198c0de-0000-7000-8000-00000000000${n}`
const inStaging = { imageTag: 'v2.3.0-c0ffee1', deploymentId: id(7), deployedAt: '2026-02-12T09:00:00Z' }
const inProduction = { imageTag: 'v2.1.0-abc1234', deploymentId: id(2), deployedAt: '2026-02-06T10:00:00Z' }
const age = { since: '2026-02-06T12:00:00Z', ageSeconds: 518_400 }
const distance = { aheadBy: 2, direction: 'ahead' } as const
const oldest = { key: 'query.timeout', since: '2026-02-10T12:00:00Z', ageSeconds: 172_800 }
const ofConfiguration = { added: 3, modified: 12, removed: 1, unchanged: 480, oldest }
const ofFlags = { added: 0, modified: 0, removed: 0, unchanged: 8 }

/** Examples of responses. */
export const driftExamples: { drift: DriftComparison; matrix: DriftMatrix; history: DriftHistory } = {
  drift: {
    source: 'staging',
    target: 'production',
    asOf: '2026-02-12T12:00:00Z',
    applications: [
      {
        application: 'checkout',
        source: inStaging,
        target: inProduction,
        state: 'different',
        ...age,
        cause: { deploymentId: id(5), environment: 'staging', imageTag: 'v2.2.0-bada551' },
        ...distance,
      },
      { application: 'search', source: inProduction, target: { ...inProduction, deploymentId: id(4) }, state: 'same' },
    ],
    configuration: ofConfiguration,
    flags: ofFlags,
  },
  matrix: {
    asOf: '2026-02-12T12:00:00Z',
    environments: ['staging', 'production'],
    pairs: [
      {
        source: 'staging',
        target: 'production',
        applications: { same: 1, different: 1, onlyInSource: 0, onlyInTarget: 0 },
        oldest: { application: 'checkout', ...age },
      },
    ],
    applications: [
      {
        application: 'checkout',
        environments: { staging: inStaging, production: inProduction },
        lagging: [{ environment: 'production', behind: 'staging', state: 'different', ...distance, ...age }],
      },
    ],
  },
  history: {
    source: 'staging',
    target: 'production',
    from: '2026-02-11T00:00:00Z',
    to: '2026-02-12T12:00:00Z',
    timezone: 'UTC',
    asOf: '2026-02-12T12:00:00Z',
    days: [
      { date: '2026-02-11', applications: 71, differing: 0 },
      { date: '2026-02-12', applications: 71, differing: 1, longestSeconds: 518_400 },
    ],
  },
}

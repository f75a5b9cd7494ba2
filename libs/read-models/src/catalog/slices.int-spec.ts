import { randomUUID } from 'node:crypto'
import { Tenant } from '#test/specs/read-models/asking'
import { afterwards, GivenLog } from '#test/specs/read-models/given-log'
import { readRecord } from '../log/projected-event.js'
import type { ProjectedEvent } from '../log/projected-event.js'
import { slicesOf } from './slices.js'

let log: GivenLog
let tenant: Tenant

beforeAll(async () => {
  log = await GivenLog.start()
})
afterAll(() => log.end())
beforeEach(() => {
  tenant = new Tenant(log)
})

const commits = Array.from({ length: 1000 }, (_, n) => {
  return { sha: `${n}`.padStart(256, '0'), committedAt: '2026-02-12T08:00:00Z', author: 'a'.repeat(256) }
})

describe('slicesOf', () => {
  test('splits a batch of small events by the size of the deployments that they change', async () => {
    // given: deployments of more than half a megabyte each
    const deployments = Array.from({ length: 40 }, (_, n) =>
      tenant.recorded({ imageTag: `v${n}`, commits, deployedAt: `2026-02-12T10:00:${10 + n}Z` }),
    )
    for (const deployment of deployments) await log.given(deployment)
    // when: all of them are corrected in one batch
    const corrected = deployments.map(deployment =>
      afterwards(deployment, {
        type: 'DeploymentCorrected',
        corrections: [{ field: 'gitBranch', after: 'main' }],
        reason: 'it was missing',
      }),
    )
    const events = log.append(corrected).map(readRecord) as Parameters<typeof slicesOf>[1]
    const slices = await log.readModels.transaction(connection => slicesOf(connection, events))
    // then: in order, at most 16 MiB each
    expect(slices.flat()).toEqual(events)
    expect(slices.map(slice => slice.length)).toEqual([29, 11])
    // and: they are projected as if each were a batch of its own
    await log.project()
    const history = await tenant.history()
    expect(history.map(({ gitBranch, version }) => [gitBranch, version])).toEqual(history.map(() => ['main', 2]))
    expect(history).toHaveLength(40)
  })

  test('returns one slice where the changed deployments are small', async () => {
    const deployments = Array.from({ length: 40 }, () => tenant.recorded({ imageTag: randomUUID() }))
    await log.given(...deployments)
    const events = log
      .append(
        deployments.map(deployment =>
          afterwards(deployment, { type: 'DeploymentRolledBack', rolledBackAt: '2026-02-12T11:00:00Z' }),
        ),
      )
      .map(readRecord) as ProjectedEvent[]
    const slices = await log.readModels.transaction(connection =>
      slicesOf(connection, events as Parameters<typeof slicesOf>[1]),
    )
    expect(slices).toEqual([events])
    await log.project()
  })
})

import type {
  CompletedStatus,
  CorrectDeployment,
  DeploymentCommand,
  DeploymentEvent,
  DeploymentFacts,
  RecordDeployment,
  Rejection,
} from '#libs/contracts'
import fc from 'fast-check'
import { deployment, pipeline, readsOfCorrecting, readsOfRecording } from '#libs/domain'

const deploymentId = '0198c0de-0000-7000-8000-000000000001'
const other = '0198c0de-0000-7000-8000-000000000002'
const now = '2026-02-12T12:00:00Z'
const facts: DeploymentFacts = {
  application: 'platform',
  environment: 'dev',
  imageTag: 'v1',
  status: 'DEPLOYED',
  deployedAt: '2026-02-12T10:00:00Z',
}
const recorded = (more: Partial<DeploymentFacts> = {}): DeploymentEvent => ({
  type: 'DeploymentRecorded',
  deploymentId,
  ...facts,
  ...more,
})
const pending = recorded({ status: 'PENDING' })
const cancelledBy = (reason: string): DeploymentEvent => {
  return { type: 'DeploymentCompleted', deploymentId, status: 'CANCELLED', completedAt: now, reason }
}
const rolledBack: DeploymentEvent = { type: 'DeploymentRolledBack', deploymentId, rolledBackAt: '2026-02-12T11:00:00Z' }

const record = (more: Partial<DeploymentFacts> = {}): DeploymentCommand => ({
  type: 'RecordDeployment',
  deploymentId,
  tenant: 'acme',
  now,
  facts: { ...facts, ...more },
})
const complete = (status: CompletedStatus, completedAt = '2026-02-12T10:05:00Z'): DeploymentCommand => ({
  type: 'CompleteDeployment',
  deploymentId,
  now,
  status,
  completedAt,
})
const rollBack = (rolledBackAt = '2026-02-12T11:00:00Z'): DeploymentCommand => ({
  type: 'RollBackDeployment',
  deploymentId,
  now,
  rolledBackAt,
})
const correct = (changes: Extract<DeploymentCommand, { type: 'CorrectDeployment' }>['changes']): DeploymentCommand => ({
  type: 'CorrectDeployment',
  deploymentId,
  tenant: 'acme',
  now,
  changes,
  reason: 'was wrong',
})

function given(...events: DeploymentEvent[]) {
  const state = events.reduce(deployment.evolve, deployment.initial)
  return { when: (command: DeploymentCommand) => deployment.decide(command, state) }
}
const refusal = (code: Rejection['code'], reason: RegExp) =>
  expect.objectContaining({ code, reason: expect.stringMatching(reason) })

describe('RecordDeployment', () => {
  it('records the facts', () => {
    expect(given().when(record())).toEqual([recorded()])
  })

  it.each<[string, Partial<DeploymentFacts>, string, RegExp]>([
    ['a finish before the start', { completedAt: '2026-02-12T09:59:59Z' }, '/completedAt', /before `deployedAt`/],
    ['a start more than 24 h in the future', { deployedAt: '2026-02-13T12:00:01Z' }, '/deployedAt', /more than 24 h/],
    ['a finish of a pending deployment', { status: 'PENDING', completedAt: now }, '/completedAt', /PENDING/],
    [
      'a rollback time with the status DEPLOYED',
      { rolledBackAt: now },
      '/rolledBackAt',
      /status ROLLED_BACK, not DEPLOYED/,
    ],
    [
      'a rollback before the start',
      { status: 'ROLLED_BACK', rolledBackAt: '2026-02-12T09:00:00Z' },
      '/rolledBackAt',
      /before/,
    ],
    [
      'a failure reason with the status DEPLOYED',
      { failureReason: 'x' },
      '/failureReason',
      /status FAILED, not DEPLOYED/,
    ],
    [
      'a failure reason with the status PENDING',
      { status: 'PENDING', failureReason: 'x' },
      '/failureReason',
      /PENDING/,
    ],
    ['a blank environment', { environment: ' \u00a0' }, '/environment', /must not be blank/],
    ['a zero time as the start', { deployedAt: '0001-01-01T00:00:00Z' }, '/deployedAt', /unset time/],
    ['a start just before 1970', { deployedAt: '1969-12-31T23:59:59.999Z' }, '/deployedAt', /before 1970/],
    [
      'a commit in the year 1',
      {
        commits: [
          { sha: 'a', committedAt: now },
          { sha: 'b', committedAt: '0001-01-01T00:00:00Z' },
        ],
      },
      '/commits/1/committedAt',
      /`commits\/1\/committedAt` is before 1970/,
    ],
    [
      'a commit more than 24 h in the future',
      { commits: [{ sha: 'a', committedAt: '2026-02-13T12:00:00.001Z' }] },
      '/commits/0/committedAt',
      /more than 24 h/,
    ],
  ])('rejects %s', (_, more, pointer, reason) => {
    const refused = given().when(record(more))
    expect(refused).toEqual(refusal('unprocessable', reason))
    expect((refused as Rejection).errors).toEqual([{ pointer, detail: expect.any(String) }])
  })

  it('accepts a start exactly 24 h in the future, and a finish equal to the start', () => {
    expect(given().when(record({ deployedAt: '2026-02-13T12:00:00Z' }))).toHaveLength(1)
    expect(given().when(record({ completedAt: facts.deployedAt }))).toHaveLength(1)
  })

  it('accepts a start and a commit at the first instant of 1970, and a commit exactly 24 h in the future', () => {
    const commits = ['1970-01-01T00:00:00Z', '2026-02-13T12:00:00Z'].map(committedAt => ({ sha: 'a', committedAt }))
    expect(given().when(record({ deployedAt: '1970-01-01T00:00:00Z', commits }))).toHaveLength(1)
  })

  it('rejects an id that is already recorded', () => {
    expect(given(recorded()).when(record())).toEqual(refusal('unprocessable', /already exists/))
  })
})

describe('RecordDeployment with rollbackOf', () => {
  const stream = `deployment-acme/${other}`
  const referenced = (more: Partial<DeploymentFacts> = {}): [string, unknown] => [
    stream,
    deployment.evolve(deployment.initial, { ...recorded(more), deploymentId: other } as DeploymentEvent),
  ]
  const ownPipeline: [string, unknown] = [
    'pipeline-acme/rules',
    { ...pipeline.initial, pipeline: { environments: [{ name: 'live', aliases: ['dev', 'EU'] }] } },
  ]
  const undo = record({ rollbackOf: other }) as RecordDeployment
  const when = (command: DeploymentCommand, ...contextStreams: [string, unknown][]) =>
    deployment.decide(command, deployment.initial, new Map(contextStreams))

  it('reads the referenced deployment and the pipeline', () => {
    expect(readsOfRecording(undo)).toEqual([stream, 'pipeline-acme/rules'])
    expect(readsOfRecording(record() as RecordDeployment)).toEqual([])
  })

  it.each<[string, Partial<DeploymentFacts>]>([
    ['a deployment in the same environment', {}],
    ['a deployment in the same environment by another name', { environment: 'Development ' }],
    ['a failed deployment', { status: 'FAILED' }],
  ])('accepts %s', (_, more) => {
    expect(when(undo, referenced(more))).toHaveLength(1)
  })

  it('accepts an unknown deployment, and resolves environments by the pipeline of the tenant', () => {
    expect(when(undo)).toHaveLength(1)
    expect(when(undo, [stream, deployment.initial])).toHaveLength(1)
    expect(when(undo, referenced({ environment: 'eu' }), ownPipeline)).toHaveLength(1)
  })

  it.each<[string, Partial<DeploymentFacts>, [string, unknown][], RegExp]>([
    ['a deployment of another application', { application: 'search' }, [], /application search/],
    ['a deployment in another environment', { environment: 'prod' }, [], /environment prod/],
    [
      'an alias that only the default pipeline has',
      { environment: 'development' },
      [ownPipeline],
      /environment development/,
    ],
  ])('rejects %s', (_, more, settings, reason) => {
    const refused = when(undo, referenced(more), ...settings)
    expect(refused).toEqual(refusal('unprocessable', reason))
    expect((refused as Rejection).errors).toMatchObject([{ pointer: '/rollbackOf' }])
  })

  it('rejects its own id', () => {
    expect(when(record({ rollbackOf: deploymentId }))).toEqual(refusal('unprocessable', /is the id of this deployment/))
  })
})

describe('CompleteDeployment', () => {
  it('completes a pending deployment', () => {
    expect(given(pending).when(complete('FAILED'))).toEqual([
      { type: 'DeploymentCompleted', deploymentId, status: 'FAILED', completedAt: '2026-02-12T10:05:00Z' },
    ])
  })

  it.each([
    ['deployed', recorded()],
    ['failed', recorded({ status: 'FAILED' })],
    ['rolled back', recorded({ status: 'ROLLED_BACK' })],
  ])('rejects a %s deployment with a conflict', (_, event) => {
    expect(given(event).when(complete('DEPLOYED'))).toEqual(refusal('conflict', /only a PENDING deployment/))
  })

  it('rejects a finish before the start, and an unknown deployment', () => {
    expect(given(pending).when(complete('DEPLOYED', '2026-02-12T09:00:00Z'))).toEqual(
      refusal('unprocessable', /before/),
    )
    expect(given().when(complete('DEPLOYED'))).toEqual(refusal('not-found', /does not exist/))
  })
})

describe('failureReason', () => {
  const why = 'out of memory'
  const failed: DeploymentEvent = {
    type: 'DeploymentCompleted',
    deploymentId,
    status: 'FAILED',
    completedAt: now,
    reason: why,
  }
  const reasonAfter = (...events: DeploymentEvent[]) => {
    const state = events.reduce(deployment.evolve, deployment.initial)
    return state.state === 'recorded' ? state.record.failureReason : undefined
  }
  const becomes = (after: string): DeploymentEvent => ({
    type: 'DeploymentCorrected',
    deploymentId,
    corrections: [{ field: 'status', after }],
    reason: 'was wrong',
  })

  it('comes from the recording or the completion, and stays after a rollback', () => {
    expect(given().when(record({ status: 'FAILED', failureReason: why }))).toHaveLength(1)
    expect(reasonAfter(recorded({ status: 'FAILED', failureReason: why }))).toBe(why)
    expect(reasonAfter(pending, failed)).toBe(why)
    expect(reasonAfter(pending, failed, rolledBack)).toBe(why)
    expect(reasonAfter(pending, failed, becomes('FAILED'))).toBe(why)
  })

  it('is removed when the status is corrected to a success, and is ignored for a success', () => {
    expect(reasonAfter(pending, failed, becomes('DEPLOYED'))).toBeUndefined()
    expect(reasonAfter(pending, failed, becomes('ROLLED_BACK'))).toBeUndefined()
    expect(reasonAfter(pending, { ...failed, status: 'DEPLOYED' })).toBeUndefined()
  })
})

describe('CANCELLED', () => {
  const cancelled = recorded({ status: 'CANCELLED' })

  it('is recorded, also with a finish and a reason', () => {
    const more = {
      status: 'CANCELLED',
      completedAt: '2026-02-12T10:05:00Z',
      failureReason: 'the build was stopped',
    } as const
    expect(given().when(record(more))).toEqual([recorded(more)])
  })

  it('completes a pending deployment, which keeps the reason and has not succeeded', () => {
    const events = given(pending).when({ ...complete('CANCELLED'), reason: 'stopped' } as DeploymentCommand)
    expect(events).toMatchObject([{ type: 'DeploymentCompleted', status: 'CANCELLED', reason: 'stopped' }])
    expect([pending, ...(events as DeploymentEvent[])].reduce(deployment.evolve, deployment.initial)).toMatchObject({
      record: { status: 'CANCELLED', succeeded: false, failureReason: 'stopped' },
    })
  })

  it('cannot be completed again, nor rolled back', () => {
    expect(given(cancelled).when(complete('DEPLOYED'))).toEqual(refusal('conflict', /is CANCELLED: only a PENDING/))
    expect(given(cancelled).when(rollBack())).toEqual(refusal('unprocessable', /is CANCELLED: it never ran/))
    expect(given(pending, cancelledBy('reason')).when(rollBack())).toMatchObject({ dependsOnState: true })
  })

  it.each(['DEPLOYED', 'FAILED', 'ROLLED_BACK', 'PENDING'] as const)('is corrected from and to %s', status => {
    const events = [recorded({ status, ...(status === 'ROLLED_BACK' && { rolledBackAt: now }) })]
    for (const after of ['CANCELLED', status] as const) {
      const decision = given(...events).when(correct({ status: after }))
      expect(decision).toMatchObject([{ type: 'DeploymentCorrected' }])
      events.push(...(decision as DeploymentEvent[]))
    }
    const { record } = events.slice(0, 2).reduce(deployment.evolve, deployment.initial) as { record: object }
    expect(record).toMatchObject({ status: 'CANCELLED', succeeded: false })
    expect(record).not.toHaveProperty('rolledBackAt')
  })

  it('keeps the reason of a failure that was a cancellation', () => {
    const failed = recorded({ status: 'FAILED', failureReason: 'stopped' })
    const corrected = given(failed).when(correct({ status: 'CANCELLED' })) as DeploymentEvent[]
    expect([failed, ...corrected].reduce(deployment.evolve, deployment.initial)).toMatchObject({
      record: { status: 'CANCELLED', failureReason: 'stopped' },
    })
  })
})

describe('RollBackDeployment', () => {
  it.each([
    ['deployed', [recorded()]],
    ['failed', [recorded({ status: 'FAILED' })]],
    ['pending', [pending]],
  ])('marks a %s deployment', (_, events) => {
    expect(given(...events).when(rollBack())).toEqual([rolledBack])
  })

  it('marks the deployments of the context streams in the same decision, except those already marked', () => {
    const recordedAs = (id: string, status: DeploymentFacts['status'] = 'DEPLOYED'): [string, unknown] => [
      `deployment-acme/${id}`,
      deployment.evolve(deployment.initial, { ...recorded({ status }), deploymentId: id } as DeploymentEvent),
    ]
    const contextStreams = new Map([recordedAs('a'), recordedAs('b', 'ROLLED_BACK'), recordedAs('c')])
    const command = { ...rollBack(), reason: 'errors' } as DeploymentCommand
    const state = deployment.evolve(deployment.initial, recorded())
    const mark = (id: string) => ({ ...rolledBack, deploymentId: id, reason: 'errors' })
    expect(deployment.decide(command, state, contextStreams)).toEqual({
      events: [mark(deploymentId)],
      otherStreams: ['a', 'c'].map(id => ({ streamId: `deployment-acme/${id}`, events: [mark(id)] })),
    })
    const marked = deployment.evolve(state, rolledBack)
    expect(deployment.decide(command, marked, contextStreams)).toEqual(refusal('conflict', /ROLLED_BACK since/))
  })

  it('rejects a second rollback with a conflict', () => {
    expect(given(recorded(), rolledBack).when(rollBack())).toEqual(
      refusal('conflict', /ROLLED_BACK since 2026-02-12T11/),
    )
  })

  it('rejects a time before the start, and an unknown deployment', () => {
    expect(given(recorded()).when(rollBack('2026-02-12T09:00:00Z'))).toEqual(refusal('unprocessable', /before/))
    expect(given().when(rollBack())).toEqual(refusal('not-found', /does not exist/))
  })
})

describe('RemoveDeployment', () => {
  const finished = recorded({ completedAt: '2026-02-12T10:05:00Z' })
  const remove = (removedAt?: string, reason?: string): DeploymentCommand => {
    return { type: 'RemoveDeployment', deploymentId, now, ...(removedAt && { removedAt }), ...(reason && { reason }) }
  }
  const removed: DeploymentEvent = { type: 'DeploymentRemoved', deploymentId, removedAt: '2026-02-12T11:00:00Z' }

  it('removes a deployed one, by default now, or when it finishes if that is later', () => {
    expect(given(finished).when(remove('2026-02-12T11:00:00Z', 'moved'))).toEqual([{ ...removed, reason: 'moved' }])
    expect(given(finished).when(remove())).toEqual([{ ...removed, removedAt: now }])
    const ahead = recorded({ completedAt: '2026-02-12T12:00:03Z' })
    expect(given(ahead).when(remove())).toEqual([{ ...removed, removedAt: '2026-02-12T12:00:03Z' }])
    expect(given(finished).when(remove('2026-02-12T10:05:00Z'))).toHaveLength(1)
    expect(given(finished).when(remove('2026-02-13T12:00:00Z'))).toHaveLength(1)
  })

  it('keeps status and success', () => {
    expect([finished, removed].reduce(deployment.evolve, deployment.initial)).toMatchObject({
      record: { status: 'DEPLOYED', succeeded: true, removedAt: '2026-02-12T11:00:00Z' },
    })
  })

  it.each<[string, DeploymentEvent[], Rejection['code'], RegExp]>([
    ['a pending deployment', [pending], 'conflict', /is PENDING: only a DEPLOYED/],
    ['a failed deployment', [recorded({ status: 'FAILED' })], 'conflict', /is FAILED: only a DEPLOYED/],
    ['a cancelled deployment', [recorded({ status: 'CANCELLED' })], 'conflict', /is CANCELLED: only a DEPLOYED/],
    ['a rolled back deployment', [recorded(), rolledBack], 'conflict', /is ROLLED_BACK: only a DEPLOYED/],
    ['a removed deployment', [recorded(), removed], 'conflict', /was removed at 2026-02-12T11/],
    ['an unknown deployment', [], 'not-found', /does not exist/],
  ])('rejects %s', (_, events, code, reason) => {
    expect(given(...events).when(remove())).toEqual(refusal(code, reason))
  })

  it.each([
    ['before the finish', finished, '2026-02-12T10:04:59Z', /is before `completedAt`/],
    ['before the start without a finish', recorded(), '2026-02-12T09:59:59Z', /is before `deployedAt`/],
    ['more than 24 h in the future', finished, '2026-02-13T12:00:01Z', /more than 24 h/],
  ])('rejects a time %s', (_, event, at, reason) => {
    const refused = given(event).when(remove(at))
    expect(refused).toEqual(refusal('unprocessable', reason))
    expect((refused as Rejection).errors).toMatchObject([{ pointer: '/removedAt' }])
  })

  it('allows no rollback afterwards, neither alone nor with a span', () => {
    expect(given(finished, removed).when(rollBack())).toEqual(
      refusal('unprocessable', /was removed at .* cannot be rolled back/),
    )
    const state = deployment.evolve(deployment.initial, recorded())
    const other = [recorded(), removed].reduce(deployment.evolve, deployment.initial)
    expect(deployment.decide(rollBack(), state, new Map([['deployment-acme/other', other]]))).toEqual([rolledBack])
  })

  it.each([
    [{ status: 'FAILED' as const }, '/status'],
    [{ status: 'ROLLED_BACK' as const }, '/status'],
    [{ completedAt: '2026-02-12T11:00:01Z' }, '/completedAt'],
    [{ deployedAt: '2026-02-12T11:30:00Z', completedAt: null }, '/deployedAt'],
  ])('rejects a correction that contradicts it: %j', (changes, pointer) => {
    const refused = given(finished, removed).when(correct(changes))
    expect(refused).toMatchObject({ code: 'unprocessable', dependsOnState: true, errors: [{ pointer }] })
  })

  it('allows all other corrections', () => {
    const changes = { completedAt: '2026-02-12T11:00:00Z', notes: 'n', status: 'DEPLOYED' as const }
    expect(given(finished, removed).when(correct(changes))).toHaveLength(1)
  })

  it('leaves the index entries of the latest success, and another one', () => {
    const names = (...events: DeploymentEvent[]) =>
      deployment.indexEntries(events.reduce(deployment.evolve, deployment.initial)).map(({ name }) => name)
    expect(names(finished)).toEqual(['success/v1', 'running'])
    expect(names(finished, removed)).toEqual(['success/v1', 'running', 'removed'])
    expect(names(finished, rolledBack)).toEqual(['success/v1', 'rolled-back'])
    expect(names(recorded({ status: 'CANCELLED' }))).toEqual(['attempt/v1'])
  })
})

describe('CorrectDeployment', () => {
  it('records the previous value of each field, and omits unchanged fields', () => {
    const corrected = given(recorded({ gitBranch: 'main', notes: 'x' })).when(
      correct({ gitBranch: 'release', notes: null, unplanned: true, deployedAt: facts.deployedAt }),
    )
    expect(corrected).toEqual([
      {
        type: 'DeploymentCorrected',
        deploymentId,
        corrections: [
          { field: 'gitBranch', before: 'main', after: 'release' },
          { field: 'unplanned', after: true },
          { field: 'notes', before: 'x' },
        ],
        reason: 'was wrong',
      },
    ])
  })

  it('records version, commits and rollbackOf after the other fields, and removes those that are optional', () => {
    const commits = [{ sha: 'a', committedAt: now, author: 'ann' }]
    const changes = { rollbackOf: null, commits, image: 'registry.example.com/app', imageTag: 'v2', notes: 'n' }
    expect(given(recorded({ rollbackOf: other })).when(correct(changes))).toMatchObject([
      {
        corrections: [
          { field: 'notes', after: 'n' },
          { field: 'imageTag', before: 'v1', after: 'v2' },
          { field: 'image', after: 'registry.example.com/app' },
          { field: 'commits', after: commits },
          { field: 'rollbackOf', before: other },
        ],
      },
    ])
    expect(given(recorded({ commits })).when(correct({ commits: null, image: null }))).toMatchObject([
      { corrections: [{ field: 'commits', before: commits }] },
    ])
  })

  it('compares commits by their canonical JSON: members in any order, commits in theirs', () => {
    const commits = ['a', 'b'].map(sha => ({ sha, committedAt: now, author: 'ann' }))
    const reordered = commits.map(({ sha, committedAt, author }) => ({ author, committedAt, sha }))
    expect(given(recorded({ commits })).when(correct({ commits: reordered }))).toEqual([])
    expect(given(recorded({ commits })).when(correct({ commits: commits.toReversed() }))).toHaveLength(1)
    expect(given(recorded()).when(correct({ commits: [] }))).toHaveLength(1)
  })

  it('moves the index entries to a corrected tag', () => {
    const [event] = given(recorded()).when(correct({ imageTag: 'v2' })) as DeploymentEvent[]
    const state = [recorded(), event!].reduce(deployment.evolve, deployment.initial)
    expect(deployment.indexEntries(state).map(({ name }) => name)).toEqual(['success/v2', 'running'])
  })

  it.each<[string, Parameters<typeof correct>[0], string, RegExp]>([
    ['its own id as rollbackOf', { rollbackOf: deploymentId }, '/rollbackOf', /is the id of this deployment/],
    [
      'a commit before 1970',
      { commits: [{ sha: 'a', committedAt: '0001-01-01T00:00:00Z' }] },
      '/commits/0/committedAt',
      /before 1970/,
    ],
    [
      'a commit more than 24 h in the future',
      { commits: [{ sha: 'a', committedAt: '2026-02-13T12:00:01Z' }] },
      '/commits/0/committedAt',
      /more than 24 h/,
    ],
  ])('rejects %s', (_, changes, pointer, reason) => {
    const refused = given(recorded()).when(correct(changes))
    expect(refused).toEqual(refusal('unprocessable', reason))
    expect((refused as Rejection).errors).toMatchObject([{ pointer }])
  })

  it('checks rollbackOf as when it is recorded: another place is rejected, an unknown deployment is accepted', () => {
    const command = correct({ rollbackOf: other }) as CorrectDeployment
    const stream = `deployment-acme/${other}`
    expect(readsOfCorrecting(command)).toEqual([stream, 'pipeline-acme/rules'])
    expect(readsOfCorrecting(correct({ rollbackOf: null }) as CorrectDeployment)).toEqual([])
    const state = deployment.evolve(deployment.initial, recorded())
    const decideWith = (more?: Partial<DeploymentFacts>) => {
      const named = { ...recorded(more), deploymentId: other } as DeploymentEvent
      const streams = more ? new Map([[stream, deployment.evolve(deployment.initial, named)]]) : new Map()
      return deployment.decide(command, state, streams)
    }
    expect(decideWith()).toHaveLength(1)
    expect(decideWith({ environment: 'Development ' })).toHaveLength(1)
    expect(decideWith({ environment: 'prod' })).toEqual(refusal('unprocessable', /environment prod/))
    expect(decideWith({ application: 'search' })).toEqual(refusal('unprocessable', /application search/))
  })

  it('does not check again what it does not change', () => {
    const old = { rollbackOf: deploymentId, commits: [{ sha: 'a', committedAt: '0001-01-01T00:00:00Z' }] }
    expect(given(recorded(old)).when(correct({ notes: 'n' }))).toHaveLength(1)
  })

  it('records nothing if no field changes', () => {
    expect(given(recorded()).when(correct({ status: 'DEPLOYED', notes: null }))).toEqual([])
  })

  it('removes the rollback time when the status is corrected to DEPLOYED', () => {
    expect(given(recorded(), rolledBack).when(correct({ status: 'DEPLOYED' }))).toMatchObject([
      {
        corrections: [
          { field: 'rolledBackAt', before: '2026-02-12T11:00:00Z' },
          { field: 'status', after: 'DEPLOYED' },
        ],
      },
    ])
  })

  it('rejects a start after the finish, and an unknown deployment', () => {
    const moved = correct({ deployedAt: '2026-02-12T11:00:00Z' })
    expect(given(recorded({ completedAt: '2026-02-12T10:05:00Z' })).when(moved)).toEqual(
      refusal('unprocessable', /before/),
    )
    expect(given().when(moved)).toEqual(refusal('not-found', /does not exist/))
  })
})

describe('VoidDeployment', () => {
  const voidIt: DeploymentCommand = { type: 'VoidDeployment', deploymentId, now, reason: 'another tenant' }
  const voided: DeploymentEvent = { type: 'DeploymentVoided', deploymentId, reason: 'another tenant' }

  it.each<[string, DeploymentEvent[]]>([
    ['deployed', [recorded()]],
    ['failed', [recorded({ status: 'FAILED' })]],
    ['cancelled', [recorded({ status: 'CANCELLED' })]],
    ['pending', [pending]],
    ['recorded as rolled back', [recorded({ status: 'ROLLED_BACK' })]],
    ['rolled back', [recorded(), rolledBack]],
  ])('voids a %s deployment, which then has no index entry and keeps its application', (_, events) => {
    expect(given(...events).when(voidIt)).toEqual([voided])
    const state = [...events, voided].reduce(deployment.evolve, deployment.initial)
    expect(state).toMatchObject({ state: 'voided', record: { id: deploymentId, succeeded: false } })
    expect([deployment.indexEntries(state), deployment.orderingKey(state)]).toEqual([[], 'platform'])
  })

  it.each<[string, DeploymentCommand]>([
    ['a second void', voidIt],
    ['a completion', complete('DEPLOYED')],
    ['a correction', correct({ notes: 'n' })],
    ['a correction that changes nothing', correct({ notes: null })],
    ['a rollback', rollBack()],
  ])('rejects %s of a voided deployment with a conflict', (_, command) => {
    for (const event of [recorded(), pending]) {
      const refused = given(event, voided).when(command)
      expect(refused).toEqual(refusal('conflict', /is voided/))
      expect((refused as Rejection).details).toEqual({ deploymentId, voided: true })
    }
  })

  it('rejects the id of a voided deployment, and an unknown deployment', () => {
    expect(given(recorded(), voided).when(record())).toEqual(refusal('unprocessable', /already exists/))
    expect(given().when(voidIt)).toEqual(refusal('not-found', /does not exist/))
  })

  it('accepts a rollbackOf that names a voided deployment, wherever that was, as of one that is not known', () => {
    const named = [recorded({ environment: 'prod' }), voided].map(event => ({ ...event, deploymentId: other }))
    const state = (named as DeploymentEvent[]).reduce(deployment.evolve, deployment.initial)
    const streams = new Map([[`deployment-acme/${other}`, state]])
    expect(deployment.decide(record({ rollbackOf: other }), deployment.initial, streams)).toHaveLength(1)
  })

  it('returns when it was recorded as the result of the command only', () => {
    const state = [recorded(), voided].reduce(deployment.evolve, deployment.initial)
    expect(deployment.answer!(state, voided, voidIt, now)).toEqual({ ...state, voidedAt: now })
    const before = deployment.evolve(deployment.initial, recorded())
    expect(deployment.answer!(before, recorded(), undefined, now)).toEqual(before)
  })
})

describe('a recorded deployment with a start in the year 1', () => {
  const zero = recorded({ deployedAt: '0001-01-01T00:00:00Z' })

  it('can be completed, rolled back and corrected', () => {
    const unfinished = recorded({ deployedAt: '0001-01-01T00:00:00Z', status: 'PENDING' })
    expect(given(unfinished).when(complete('DEPLOYED'))).toHaveLength(1)
    expect(given(zero).when(rollBack())).toHaveLength(1)
    expect(given(zero).when(correct({ notes: 'n' }))).toHaveLength(1)
    expect(given(zero).when(correct({ deployedAt: facts.deployedAt }))).toHaveLength(1)
  })

  it('cannot be corrected to another start before 1970', () => {
    const refused = given(zero).when(correct({ deployedAt: '1900-01-01T00:00:00Z' }))
    expect(refused).toEqual(refusal('unprocessable', /before 1970/))
    expect((refused as Rejection).errors).toMatchObject([{ pointer: '/deployedAt' }])
  })
})

it('no sequence of commands rolls back a deployment twice or makes it finish before it starts', () => {
  const at = fc.integer({ min: 0, max: 10 }).map(hour => `2026-02-12T${String(hour + 6).padStart(2, '0')}:00:00Z`)
  const command = fc.oneof(
    fc
      .tuple(fc.constantFrom('PENDING', 'DEPLOYED', 'FAILED', 'ROLLED_BACK', 'CANCELLED'), at)
      .map(([status, deployedAt]) => record({ status: status as DeploymentFacts['status'], deployedAt })),
    fc
      .tuple(fc.constantFrom<CompletedStatus>('DEPLOYED', 'FAILED', 'CANCELLED'), at)
      .map(([status, when]) => complete(status, when)),
    at.map(rollBack),
    at.map((removedAt): DeploymentCommand => ({ type: 'RemoveDeployment', deploymentId, now, removedAt })),
    fc.record({ deployedAt: at, completedAt: fc.option(at) }, { requiredKeys: [] }).map(correct),
  )
  fc.assert(
    fc.property(fc.array(command, { maxLength: 12 }), commands => {
      let state = deployment.initial
      let rollbacks = 0
      for (const next of commands) {
        const decision = deployment.decide(next, state)
        if (!Array.isArray(decision)) continue
        state = decision.reduce(deployment.evolve, state)
        rollbacks += decision.filter(({ type }) => type === 'DeploymentRolledBack').length
        const { deployedAt, completedAt = deployedAt } = state.state === 'recorded' ? state.record : { deployedAt: now }
        expect(Date.parse(completedAt)).toBeGreaterThanOrEqual(Date.parse(deployedAt))
        if (state.state !== 'recorded' || state.record.removedAt === undefined) continue
        expect(state.record.status).toBe('DEPLOYED')
        expect(Date.parse(state.record.removedAt)).toBeGreaterThanOrEqual(Date.parse(completedAt))
      }
      expect(rollbacks).toBeLessThanOrEqual(1)
    }),
  )
})

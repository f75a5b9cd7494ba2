import { at, tagsOf, Tenant, type Json } from '#test/specs/read-models/asking'
import { GivenLog, recorded, afterwards } from '#test/specs/read-models/given-log'
import { findDeploymentEvents } from '../trail/queries.js'
import { findDeployment } from '../history/queries.js'

let log: GivenLog
let tenant: Tenant

beforeAll(async () => {
  log = await GivenLog.start()
})
afterAll(() => log.end())
beforeEach(() => {
  tenant = new Tenant(log)
})

describe('a deployment record', () => {
  const everything = {
    application: 'checkout',
    environment: 'prod',
    imageTag: 'v2.1.0-abc1234',
    image: 'registry.example.com/acme/checkout',
    gitCommit: 'abc1234',
    gitBranch: 'main',
    status: 'DEPLOYED' as const,
    deployedAt: at('10:00:00'),
    completedAt: at('10:05:00.250'),
    rollbackOf: '0198c0de-0000-7000-8000-000000000001',
    actor: 'dev@acme.example',
    pipeline: { url: 'https://ci.example.com/17', name: 'deploy', runId: '17' },
    commits: [{ sha: 'abc1234', committedAt: at('09:00:00'), author: 'Zoë "Z" O\'Neil \\ {a,b}' }],
    notes: 'Line one\nline "two", {three}\\ four\u2028 \u{1f680}',
    migrations: [{ id: '0042', reversible: false, backwardCompatible: true }],
    unplanned: false,
    labels: { zebra: '1', alpha: '', 'a"b\\c': '{NULL}' },
  }

  test('has all recorded fields in the documented order, with times in RFC 3339', async () => {
    const deployment = tenant.recorded({ ...everything, recordedTime: at('10:05:01.217') })
    await log.given(deployment)

    const { body, positions } = await findDeployment(log.query, tenant.name, deployment.id)

    const position = positions.split(',').at(-1)!
    const json = body!.replaceAll(/"position":"[^"]*"/g, `"position":"${position}"`)
    const { application, environment, imageTag, image, gitCommit, gitBranch, status, deployedAt, completedAt } =
      everything
    const { rollbackOf, actor, pipeline, commits, notes, migrations, unplanned, labels } = everything
    expect(json).toBe(
      JSON.stringify({
        id: deployment.id,
        application,
        environment,
        imageTag,
        image,
        gitCommit,
        gitBranch,
        status,
        active: true,
        deployedAt,
        completedAt,
        durationSeconds: 300.25,
        rollbackOf,
        rollbackDetected: 'reported',
        actor,
        pipeline,
        commits,
        notes,
        migrations,
        unplanned,
        labels,
        recordedAt: at('10:05:01.217'),
        position,
        version: 1,
      }),
    )
  })

  test('omits absent fields, and returns tags that look like NULL or contain quotes', async () => {
    const deployments = ['NULL', '{}', '"', '\\', ' ', 'ü', "'; DROP TABLE x; --"].map(imageTag =>
      tenant.recorded({ imageTag }),
    )
    await log.given(...deployments)
    expect(tagsOf(await tenant.history()).toSorted()).toEqual(
      ['NULL', '{}', '"', '\\', ' ', 'ü', "'; DROP TABLE x; --"].toSorted(),
    )
    const [one] = await tenant.history({ imageTag: 'NULL' })
    expect(Object.keys(one!)).toEqual([
      'id',
      'application',
      'environment',
      'imageTag',
      'status',
      'active',
      'deployedAt',
      'recordedAt',
      'position',
      'version',
    ])
  })

  test('follows its completion, correction and rollback', async () => {
    // given
    const deployment = tenant.recorded({
      status: 'PENDING',
      deployedAt: at('10:00:00'),
      gitCommit: 'wrong',
      notes: 'gone',
    })
    await log.given(deployment)
    expect(await tenant.history()).toMatchObject([{ status: 'PENDING', active: false, version: 1 }])

    // when, then
    await log.given(
      afterwards(deployment, { type: 'DeploymentCompleted', status: 'DEPLOYED', completedAt: at('10:07:30') }),
    )
    expect(await tenant.history()).toMatchObject([
      { status: 'DEPLOYED', active: true, durationSeconds: 450, version: 2 },
    ])

    const corrections = [
      { field: 'gitCommit' as const, before: 'wrong', after: 'right' },
      { field: 'notes' as const, before: 'gone' },
      { field: 'unplanned' as const, after: true },
    ]
    await log.given(afterwards(deployment, { type: 'DeploymentCorrected', corrections, reason: 'a typo' }))
    const [corrected] = await tenant.history()
    expect(corrected).toMatchObject({ gitCommit: 'right', unplanned: true, active: true, version: 3 })
    expect(corrected).not.toHaveProperty('notes')
    expect(await tenant.history({ gitCommit: 'wrong' })).toEqual([])

    await log.given(
      afterwards(deployment, { type: 'DeploymentRolledBack', rolledBackAt: at('11:00:00'), reason: 'errors' }),
    )
    expect(await tenant.history()).toMatchObject([
      { status: 'ROLLED_BACK', active: false, rolledBackAt: at('11:00:00'), rollbackReason: 'errors', version: 4 },
    ])
  })

  describe('failureReason', () => {
    const reason = 'the readiness probe failed'

    test('comes from the completion, and is visible with asOf and knownAt from then on', async () => {
      const deployment = tenant.recorded({ status: 'PENDING', recordedTime: at('10:00:00') })
      const failed = { type: 'DeploymentCompleted', status: 'FAILED', completedAt: at('10:07:00'), reason } as const
      await log.given(deployment)
      await log.given({ ...afterwards(deployment, failed), recordedTime: at('12:00:00') })
      const reasonAt = async (moment: object) => (await tenant.find(deployment.id, moment))?.['failureReason']

      expect((await tenant.find(deployment.id))!['failureReason']).toBe(reason)
      expect(await reasonAt({ knownAt: at('11:59:59') })).toBeUndefined()
      expect(await reasonAt({ knownAt: at('12:00:00') })).toBe(reason)
      expect(await reasonAt({ asOf: at('10:06:59') })).toBeUndefined()
      expect(await reasonAt({ asOf: at('10:07:00') })).toBe(reason)
    })

    test('is kept when the failure is marked as rolled back, and dropped when its status is corrected', async () => {
      const deployment = tenant.recorded({ status: 'FAILED', failureReason: reason, recordedTime: at('10:00:00') })
      await log.given(
        deployment,
        afterwards(deployment, { type: 'DeploymentRolledBack', rolledBackAt: at('11:00:00') }),
      )
      expect(await tenant.history()).toMatchObject([{ status: 'ROLLED_BACK', failureReason: reason }])

      const corrections = [{ field: 'status' as const, before: 'ROLLED_BACK', after: 'DEPLOYED' }]
      const corrected = afterwards(deployment, { type: 'DeploymentCorrected', corrections, reason: 'it had not' })
      await log.given({ ...corrected, recordedTime: at('12:00:00') })
      expect((await tenant.find(deployment.id))!).not.toHaveProperty('failureReason')
      expect(await tenant.find(deployment.id, { knownAt: at('11:30:00') })).toMatchObject({ failureReason: reason })
    })

    test('is absent for a success that was completed with a reason', async () => {
      const deployment = tenant.recorded({ status: 'PENDING' })
      const done = { type: 'DeploymentCompleted', status: 'DEPLOYED', completedAt: at('10:07:00'), reason } as const
      await log.given(deployment, afterwards(deployment, done))
      expect((await tenant.find(deployment.id))!).not.toHaveProperty('failureReason')
    })
  })

  test('reflects several events of one batch', async () => {
    const deployment = tenant.recorded({ status: 'PENDING' })
    await log.given(
      deployment,
      afterwards(deployment, { type: 'DeploymentCompleted', status: 'DEPLOYED', completedAt: at('10:07:30') }),
      afterwards(deployment, { type: 'DeploymentRolledBack', rolledBackAt: at('11:00:00') }),
    )
    expect(await tenant.history()).toMatchObject([{ status: 'ROLLED_BACK', completedAt: at('10:07:30'), version: 3 }])
  })

  test('is not visible to another tenant, also with the same id', async () => {
    const mine = tenant.recorded({ imageTag: 'mine' })
    await log.given(mine, recorded({ id: mine.id, tenant: `${tenant.name}-other`, imageTag: 'theirs' }))
    expect(JSON.parse((await findDeployment(log.query, tenant.name, mine.id)).body!)).toMatchObject({
      imageTag: 'mine',
    })
    expect(tagsOf(await tenant.history())).toEqual(['mine'])
    expect((await findDeployment(log.query, `${tenant.name}-third`, mine.id)).body).toBeUndefined()
    expect((await findDeploymentEvents(log.query, `${tenant.name}-third`, mine.id)).body).toBeUndefined()
  })
})

describe('findDeploymentEvents', () => {
  test('returns the events in order, with their data as in the log', async () => {
    const deployment = tenant.recorded({
      labels: { b: '2', a: '1' },
      actorOfCommand: 'ci',
      recordedTime: at('12:00:00'),
      deployedAt: at('10:00:00'),
    })
    const rolledBack = afterwards(deployment, { type: 'DeploymentRolledBack', rolledBackAt: at('11:00:00') })
    await log.given(deployment, { ...rolledBack, recordedTime: at('12:30:00') })

    const { body } = await findDeploymentEvents(log.query, tenant.name, deployment.id)

    const events = JSON.parse(body!) as Json[]
    const [first, second] = events.map(({ position }) => Number(String(position).split(':')[1]))
    expect(second).toBe(first! + 1)
    const partition = String(events[0]!['position']).split(':')[0]
    const records = log.records(Number(partition)).slice(-2)
    const [recordedId, rolledBackId] = records.map(({ headers }) => String(headers['ce_id']))
    const { value } = records[0]!
    expect(body).toContain(`"data":${value.toString()}`)
    expect(events.map(({ position: _, ...event }) => event)).toEqual([
      {
        type: 'io.shiplog.deployment.recorded.v1',
        eventId: recordedId,
        actor: 'ci',
        time: at('10:00:00'),
        recordedAt: at('12:00:00'),
        data: JSON.parse(value.toString()),
      },
      {
        type: 'io.shiplog.deployment.rolledback.v1',
        eventId: rolledBackId,
        time: at('11:00:00'),
        recordedAt: at('12:30:00'),
        data: { deploymentId: deployment.id, rolledBackAt: at('11:00:00') },
      },
    ])
  })
})

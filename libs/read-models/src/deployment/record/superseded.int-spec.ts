import fc from 'fast-check'
import { at, Tenant } from '#test/specs/read-models/asking'
import { Decided } from '#test/specs/read-models/decided'
import { GivenLog, afterwards, opened, type GivenEvent } from '#test/specs/read-models/given-log'
import { runs } from '#test/kit'
import type { DeploymentStatus } from '#libs/contracts'
import {
  type AsOf,
  commitPath,
  environmentDrift,
  findIncident,
  findDeploymentEvents,
  findRollback,
  historyPage,
  incidentsPage,
  tagExistence,
  tagPath,
} from '../../index.js'

let log: GivenLog
let tenant: Tenant

beforeAll(async () => {
  log = await GivenLog.start()
})
afterAll(() => log.end())
beforeEach(() => {
  tenant = new Tenant(log)
})

/** The versions of all deployments of a tenant, the present one of each last. */
async function versions(of = tenant): Promise<string[]> {
  const select = (table: string, until: string) => `
    SELECT deployment_id, version, status, coalesce(git_commit, '') AS git_commit, to_char(known_from, 'HH24:MI') AS known_from,
      ${until} AS known_until FROM ${table} WHERE tenant = $1`
  const rows = await log.query<Record<string, string>>({
    text: `SELECT * FROM (
        ${select('read_v1.deployment_superseded', `to_char(known_until, 'HH24:MI')`)}
        UNION ALL ${select('read_v1.deployment_history', `''`)}
      ) v ORDER BY deployment_id, version`,
    values: [of.name],
  })
  return rows.map(row =>
    [row['version'], row['status'], row['git_commit'], `${row['known_from']}-${row['known_until']}`].join(' '),
  )
}

/** Four events of one deployment; `times` are those at which they are recorded. */
function fourEvents(of: Tenant, times: [string, string, string, string]): GivenEvent[] {
  const [first, second, third, fourth] = times.map(time => ({ recordedTime: at(`${time}:00`) }))
  const recorded = of.recorded({ status: 'PENDING', gitCommit: 'a', deployedAt: at('10:00:00'), ...first })
  const correction = { type: 'DeploymentCorrected' as const, reason: 'it was another one' }
  const corrections = [{ field: 'gitCommit' as const, before: 'a', after: 'b' }]
  return [
    recorded,
    {
      ...afterwards(recorded, { type: 'DeploymentCompleted', status: 'DEPLOYED', completedAt: at('10:05:00') }),
      ...second,
    },
    { ...afterwards(recorded, { ...correction, corrections }), ...third },
    { ...afterwards(recorded, { type: 'DeploymentRolledBack', rolledBackAt: at('11:00:00') }), ...fourth },
  ]
}

describe('superseded versions', () => {
  test('are absent for a deployment with one event', async () => {
    await log.given(tenant.recorded({ recordedTime: at('10:00:00') }))
    expect(await versions()).toEqual(['1 DEPLOYED  10:00-'])
  })

  test('are stored with the times between which they were known', async () => {
    await log.given(...fourEvents(tenant, ['10:01', '10:06', '10:30', '11:01']))
    expect(await versions()).toEqual([
      '1 PENDING a 10:01-10:06',
      '2 DEPLOYED a 10:06-10:30',
      '3 DEPLOYED b 10:30-11:01',
      '4 ROLLED_BACK b 11:01-',
    ])
  })

  test('are known no earlier than those before them, and are omitted where known for no time', async () => {
    await log.given(...fourEvents(tenant, ['10:10', '10:06', '10:30', '10:20']))
    expect(await versions()).toEqual(['2 DEPLOYED a 10:10-10:30', '4 ROLLED_BACK b 10:30-'])
  })

  test('are separate for tenants with the same deployment id', async () => {
    const other = new Tenant(log)
    const events = fourEvents(tenant, ['10:01', '10:06', '10:30', '11:01'])
    await log.given(...events, ...events.slice(0, 2).map(event => ({ ...event, tenant: other.name })))
    expect(await versions(other)).toEqual(['1 PENDING a 10:01-10:06', '2 DEPLOYED a 10:06-'])
    expect(await versions()).toHaveLength(4)
  })

  test('are equal for any batches', async () => {
    const time = fc.integer({ min: 10, max: 40 }).map(minute => `10:${minute}`)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(time, time, time, time), { minLength: 1, maxLength: 4 }),
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 }),
        async (stories, sizes) => {
          const [oneByOne, batched] = [new Tenant(log), new Tenant(log)]
          const eventsOfEach = stories.map(times => fourEvents(oneByOne, times))
          // Interleaved: the events of one deployment have others between them.
          const events = [0, 1, 2, 3].flatMap(n => eventsOfEach.map(events => events[n]!))
          log.append(events)
          await log.project([1])
          log.append(events.map(event => ({ ...event, tenant: batched.name })))
          await log.project(sizes)
          expect(await versions(batched)).toEqual(await versions(oneByOne))
        },
      ),
      { numRuns: runs(40) },
    )
  }, 60_000)
})

describe('voided deployments', () => {
  const voided = (event: GivenEvent, time: string) => ({
    ...afterwards(event, { type: 'DeploymentVoided', reason: 'it never was' }),
    recordedTime: at(time),
  })
  const commits = [{ sha: 'abc', committedAt: at('09:00:00') }]
  const name = () => ({ tenant: tenant.name })
  const withVoided = async (environment?: string, moment?: AsOf) => {
    const filters = { environment }
    const { body } = await historyPage(log.query, { ...name(), filters, includeVoided: true, moment, limit: 500 })
    return JSON.parse(body.json) as Record<string, unknown>[]
  }
  /** What the reads that answer lists or counts have of a deployment of `v1` in `qa`, with the commit `abc`. */
  const found = async (moment?: AsOf) => {
    const page = { ...name(), moment, limit: 500 }
    const paths = [
      await tagPath(log.query, { ...page, imageTag: 'v1' }),
      await commitPath(log.query, { ...page, sha: 'abc' }),
    ].map(({ body }) => (JSON.parse(body?.json ?? '[]') as unknown[]).length)
    const drift = await environmentDrift(log.query, { ...name(), source: 'qa', target: 'prod', limit: 5, ...moment })
    const rollback = await findRollback(log.query, { ...name(), application: 'checkout', environment: 'qa', moment })
    return {
      history: (await tenant.history({}, moment)).length,
      current: (await tenant.current({}, moment)).length,
      paths,
      drift: 'drift' in drift.body ? drift.body.drift.applications.length : drift.body.unknown,
      problem: rollback.body.problem?.imageTag,
    }
  }
  const nothing = { history: 0, current: 0, paths: [0, 0], drift: ['qa'], problem: undefined }
  const one = { history: 1, current: 1, paths: [1, 1], drift: 1, problem: 'v1' }

  test('are in no read of the present or of a time, and in all of them with a knownAt before', async () => {
    const mistake = tenant.recorded({ environment: 'qa', commits, gitCommit: 'abc', recordedTime: at('10:30:00') })
    await log.given(mistake, voided(mistake, '11:00:00'))
    expect(await found()).toEqual(nothing)
    expect(await found({ asOf: at('10:45:00') })).toEqual(nothing)
    expect(await found({ knownAt: at('11:00:00') })).toEqual(nothing)
    expect(await found({ knownAt: at('10:59:59') })).toEqual(one)
    expect(await found({ knownAt: at('10:59:59'), asOf: at('10:30:00') })).toEqual(one)
    expect((await tagExistence(log.query, { ...name(), imageTag: 'v1' })).body.deployments).toBe(0)
  })

  test.each<DeploymentStatus>(['PENDING', 'DEPLOYED', 'FAILED', 'CANCELLED', 'ROLLED_BACK'])(
    'with the status %s are shown by id and on demand, with the time of the void',
    async status => {
      const mistake = tenant.recorded({ status, commits, rollbackOf: '0198c0de-0000-7000-8000-000000000001' })
      const other = tenant.recorded({ deployedAt: at('12:00:00') })
      await log.given(mistake, other, voided(mistake, '11:00:00'))
      const shown = await tenant.find(mistake.id)
      expect(shown).toMatchObject({ id: mistake.id, status, active: false, voidedAt: at('11:00:00'), version: 2 })
      expect(shown).toMatchObject({ rollbackDetected: 'reported', rollbackIgnored: 'It is voided.' })
      expect(await withVoided()).toEqual([await tenant.find(other.id), shown])
      expect(await tenant.history()).toEqual([await tenant.find(other.id)])
      expect(await tenant.find(mistake.id, { asOf: at('13:00:00') })).toBeUndefined()
      const trail = (await findDeploymentEvents(log.query, tenant.name, mistake.id)).body
      expect((JSON.parse(trail!) as { type: string }[]).map(({ type }) => type.split('.').at(-2))).toEqual([
        'recorded',
        'voided',
      ])
    },
  )

  test('are shown by id as they were known before, and as voided from then on', async () => {
    const mistake = tenant.recorded({ recordedTime: at('10:30:00') })
    await log.given(mistake, voided(mistake, '11:00:00'))
    const [before, now] = [{ knownAt: at('10:59:59') }, { knownAt: at('11:00:00') }]
    expect(await tenant.find(mistake.id, before)).not.toHaveProperty('voidedAt')
    expect(await tenant.find(mistake.id, now)).toMatchObject({ voidedAt: at('11:00:00') })
    expect((await withVoided(undefined, before)).map(record => record['voidedAt'])).toEqual([undefined])
    expect((await withVoided(undefined, now)).map(record => record['voidedAt'])).toEqual([at('11:00:00')])
    expect(await withVoided(undefined, { asOf: at('09:00:00') })).toEqual([])
    expect(await withVoided(undefined, { asOf: at('10:30:00') })).toMatchObject([{ status: 'DEPLOYED' }])
  })

  test('in one batch with their recording are never known', async () => {
    const mistake = tenant.recorded({ environment: 'qa', commits, recordedTime: at('10:30:00') })
    await log.given(mistake, voided(mistake, '10:30:00'))
    expect(await found({ knownAt: at('10:30:00') })).toEqual(nothing)
    expect(await withVoided()).toMatchObject([{ id: mistake.id, voidedAt: at('10:30:00') }])
  })

  test('follow a change of the pipeline, also where all of an environment are voided', async () => {
    const mistake = tenant.recorded({ environment: 'eu', recordedTime: at('10:30:00') })
    await log.given(mistake, voided(mistake, '11:00:00'))
    await log.given(...new Decided(tenant.name).putPipeline({ environments: [{ name: 'live', aliases: ['eu'] }] }))
    expect(await withVoided('live')).toMatchObject([{ id: mistake.id }])
    expect(await tenant.current({ environment: 'live' }, { knownAt: at('10:59:59') })).toMatchObject([
      { id: mistake.id },
    ])
  })

  test('undo nothing, and what followed them is judged as if they had never been recorded', async () => {
    const start = (imageTag: string, time: string, more: object = {}) =>
      tenant.recorded({ imageTag, deployedAt: at(time), ...more })
    const [v1, v2] = [start('v1', '10:00:00'), start('v2', '10:10:00')]
    const mistake = start('v1', '10:20:00')
    const reported = start('v3', '10:30:00', { rollbackOf: mistake.id })
    await log.given(v1, v2, mistake, reported)
    expect(await tenant.find(mistake.id)).toMatchObject({ rollbackOf: v2.id, rollbackDetected: 'inferred' })
    expect((await findRollback(log.query, { ...name(), deploymentId: reported.id })).body.target?.id).toBe(v1.id)
    await log.given(voided(mistake, '14:00:00'))
    expect(await tenant.find(mistake.id)).not.toHaveProperty('rollbackDetected')
    expect((await findRollback(log.query, { ...name(), deploymentId: reported.id })).body.target?.id).toBe(v2.id)
    expect(await tenant.find(reported.id)).toMatchObject({ rollbackOf: mistake.id, rollbackDetected: 'reported' })
    expect(await tenant.find(reported.id)).not.toHaveProperty('rollbackIgnored')
  })

  test('take the incidents that name them with them, before or after; others belong to what was active without them', async () => {
    const older = tenant.recorded({ deployedAt: at('09:00:00') })
    const mistake = tenant.recorded({ imageTag: 'v2', recordedTime: at('10:00:00') })
    const incident = (facts: Parameters<typeof opened>[0]) => opened({ ...name(), ...facts })
    const naming = incident({ deploymentId: mistake.id, recordedTime: at('10:30:00') })
    const byPlace = incident({ startedAt: at('10:40:00') })
    const owners = async (moment?: AsOf) => {
      const { body } = await incidentsPage(log.query, { ...name(), filters: {}, moment, limit: 10 })
      const listed = JSON.parse(body.json) as Record<string, unknown>[]
      return listed.map(one => [one['id'], one['deploymentId'], one['application']])
    }
    const named = [naming.id, mistake.id, 'checkout']
    await log.given(older, mistake, naming, byPlace)
    expect(await owners()).toEqual([[byPlace.id, mistake.id, 'checkout'], named])
    await log.given(voided(mistake, '14:00:00'), incident({ deploymentId: mistake.id }))
    expect(await owners()).toEqual([[byPlace.id, older.id, 'checkout']])
    expect(await owners({ asOf: at('13:00:00') })).toEqual([[byPlace.id, older.id, 'checkout']])
    expect(await owners({ knownAt: at('13:59:59') })).toEqual([named])
    expect((await findIncident(log.query, tenant.name, naming.id)).body).toBeUndefined()
    expect(await tenant.find(older.id)).toMatchObject({ incidents: [{ id: byPlace.id }] })
    expect(await tenant.find(mistake.id)).not.toHaveProperty('incidents')
    expect((await withVoided()).map(record => 'incidents' in record)).toEqual([false, true])
  })
})

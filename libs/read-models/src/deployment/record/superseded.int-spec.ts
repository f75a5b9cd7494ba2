import fc from 'fast-check'
import { at, Tenant } from '#test/specs/read-models/asking'
import { GivenLog, afterwards, type GivenEvent } from '#test/specs/read-models/given-log'

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
      { numRuns: 40 },
    )
  }, 60_000)
})

import pg from 'pg'
import { sendAnything, tags } from './commands.js'
import { differences } from '../../independent/differences.js'
import { foldAll, foldDeployments } from '../../independent/deployments/deployments.js'
import { foldIncidents, newestIncidentFirst, shownIncident } from '../../independent/deployments/incidents.js'
import { checkRecords } from '../../independent/log/log-check.js'
import { collectLog, type RawRecord } from '../../independent/log/log-reader.js'
import { defaultPipeline, environmentName } from '../../independent/deployments/pipeline.js'
import { recompute, type Recomputed, voidedRecord } from '../../independent/answers/reducer.js'
import { rollbackById, rollbackByTag } from '../../independent/answers/rollback-by-tag.js'
import {
  brokers,
  CommandLine,
  deploymentsPath,
  type HttpAnswer,
  type HttpClient,
  incidentsPath,
  type Service,
  startService,
} from '../../kit/index.js'

// Random commands on deployments by several concurrent callers, with few distinct values so that they interact.
// Each response of the read API is compared with a plain fold of the log.

const COMMANDS = 700
const CALLERS = 8

let service: Service
let http: HttpClient
let answers: HttpAnswer[]
let log: RawRecord[]
let expected: Recomputed

beforeAll(async () => {
  service = await startService('standalone')
  http = service.http.as('any')
  answers = await sendAnything(http, { commands: COMMANDS, callers: CALLERS, seed: 2026 })
  await readLogAndWait()
}, 120_000)
afterAll(() => service?.end())

/** Folds the log, and makes further reads wait until they reflect it. */
async function readLogAndWait(): Promise<void> {
  log = await collectLog(brokers(), service.topic)
  expected = recompute(foldDeployments(log), defaultPipeline, foldIncidents(log))
  http = service.http.as('any').reflecting(checkRecords(log).ends)
}

it('the generated commands cover every status, event type and special case', () => {
  const statuses = new Set(answers.map(({ status }) => status))
  expect([...statuses].toSorted()).toEqual([200, 201, 404, 409, 422])
  const types = new Set(log.map(({ headers }) => headers['ce_type']))
  expect(types.size).toBe(8)
  const { history, inferred } = expected
  expect(Object.values(inferred).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(5)
  for (const field of ['overtakenBy', 'contestedBy', 'rollbackReason', 'failureReason', 'removedAt', 'incidents']) {
    expect(history.some(record => field in record)).toBe(true)
  }
})

it('the log has the events of one decision for each successful response, and no others', () => {
  const successes = answers.filter(({ status }) => status < 300)
  // A correction that changes nothing succeeds without an event.
  const positions = new Set(successes.map(({ headers }) => headers['shiplog-position']))
  const last = new Map(
    log.map(({ partition, headers }) => [headers['ce_causationid'], `${partition}:${headers['ce_ledgerseq']}`]),
  )
  expect([[...last.values()].toSorted(), checkRecords(log).findings]).toEqual([[...positions].toSorted(), []])
  // Some marked more than one deployment.
  expect(log.length).toBeGreaterThan(last.size)
})

it('history and current equal a fold of the log', async () => {
  expect(differences(await http.all(`${deploymentsPath}/history?limit=17`), expected.history)).toEqual([])
  expect(differences(await http.all(`${deploymentsPath}/current?limit=3`), expected.current)).toEqual([])
})

it('incidents equal a fold of the log, one by one and in lists, and so do their events', async () => {
  const deployments = foldDeployments(log)
  const shown = foldIncidents(log)
    .toSorted(newestIncidentFirst)
    .map(incident => shownIncident(incident, deployments, defaultPipeline))
  expect(shown.filter(({ deploymentId }) => deploymentId === undefined).length).toBeGreaterThan(3)
  expect(shown.filter(({ resolvedAt }) => resolvedAt !== undefined).length).toBeGreaterThan(3)
  expect(differences(await http.all(`${incidentsPath}?limit=7`), shown)).toEqual([])
  const open = shown.filter(({ resolvedAt }) => resolvedAt === undefined)
  expect(differences(await http.all(`${incidentsPath}?open=true&limit=7`), open)).toEqual([])
  for (const incident of shown) {
    const path = `${incidentsPath}/${encodeURIComponent(String(incident['id']))}`
    const trail = log.filter(({ headers }) => headers['ce_subject'] === `incident-any/${incident['id']}`).map(eventOf)
    expect((await http.get(path)).json).toEqual(incident)
    expect((await http.get(`${path}/events`)).json).toEqual(trail)
  }
})

type Keep = (record: Record<string, unknown>) => boolean
const time = (record: Record<string, unknown>) => Date.parse(record['deployedAt'] as string)
const at = (clock: string) => Date.parse(`2026-02-12T${clock}:00Z`)

it.each<[string, Keep]>([
  ['environment=prod', record => environmentName(record['environment'] as string) === 'production'],
  ['environment=qa', record => environmentName(record['environment'] as string) === 'qa'],
  ['environment=%20PROD', record => environmentName(record['environment'] as string) === 'production'],
  ['application=search', record => record['application'] === 'search'],
  ['status=FAILED', record => record['status'] === 'FAILED'],
  ['status=CANCELLED', record => record['status'] === 'CANCELLED'],
  ['status=PENDING&status=ROLLED_BACK', record => ['PENDING', 'ROLLED_BACK'].includes(record['status'] as string)],
  ['imageTag=v3', record => record['imageTag'] === 'v3'],
  ['gitCommit=abc', record => record['gitCommit'] === 'abc'],
  ['gitBranch=next', record => record['gitBranch'] === 'next'],
  ['actor=ana', record => record['actor'] === 'ana'],
  [
    'from=2026-02-12T10:03:00Z&to=2026-02-12T10:07:00Z',
    record => time(record) >= at('10:03') && time(record) < at('10:07'),
  ],
  ['from=2026-02-12T12:03:00%2B02:00', record => time(record) >= at('10:03')],
  [
    'application=checkout&environment=qa&status=DEPLOYED&imageTag=v3',
    record =>
      record['application'] === 'checkout' &&
      environmentName(record['environment'] as string) === 'qa' &&
      record['status'] === 'DEPLOYED' &&
      record['imageTag'] === 'v3',
  ],
])('GET history?%s returns the matching deployments of the fold', async (filter, keep) => {
  const kept = expected.history.filter(keep)
  expect(kept.length).toBeGreaterThan(0)
  expect(differences(await http.all(`${deploymentsPath}/history?${filter}&limit=7`), kept)).toEqual([])
})

it('the history with includeVoided=true, and no other, has the voided deployments', async () => {
  const voided = foldAll(log).filter(({ voidedAt }) => voidedAt !== undefined)
  expect(voided.length).toBeGreaterThan(5)
  const order = (record: Record<string, unknown>) => `${time(record)} ${record['id']}`
  const all = [...expected.history, ...voided.map(voidedRecord)].toSorted((a, b) => (order(a) < order(b) ? 1 : -1))
  const shown = (await http.all(`${deploymentsPath}/history?includeVoided=true&limit=17`)) as Record<string, unknown>[]
  expect(shown.map(time)).toEqual(all.map(time))
  expect(
    differences(
      shown.toSorted((a, b) => (order(a) < order(b) ? 1 : -1)),
      all,
    ),
  ).toEqual([])
  for (const record of voided.map(voidedRecord)) {
    expect((await http.get(`${deploymentsPath}/${String(record['id'])}`)).json).toEqual(record)
    const asOf = `${deploymentsPath}/${String(record['id'])}?asOf=2026-03-01T00:00:00Z`
    expect((await http.get(asOf)).status).toBe(404)
  }
})

it('GET {id} and {id}/events equal the fold and the records of the log', async () => {
  for (const record of [
    ...expected.history,
    ...foldAll(log)
      .filter(({ voidedAt }) => voidedAt)
      .map(voidedRecord),
  ]) {
    const id = String(record['id'])
    const trail = log.filter(({ headers }) => headers['ce_subject'] === `deployment-any/${id}`).map(eventOf)
    expect((await http.get(`${deploymentsPath}/${id}`)).json).toEqual(record)
    expect((await http.get(`${deploymentsPath}/${id}/events`)).json).toEqual(trail)
  }
})

function eventOf({ partition, headers, value }: RawRecord): object {
  return {
    type: headers['ce_type'],
    position: `${partition}:${headers['ce_ledgerseq']}`,
    eventId: headers['ce_id'],
    ...(headers['ce_actor'] !== undefined && { actor: headers['ce_actor'] }),
    time: headers['ce_time'],
    recordedAt: headers['ce_recordedtime'],
    data: JSON.parse(value),
  }
}

it('the explanation of a metric refers to events of the log by position and id', async () => {
  const ids = new Map(
    log.map(({ partition, headers }) => [`${partition}:${headers['ce_ledgerseq']}`, headers['ce_id']]),
  )
  const window = 'from=2026-02-01T00:00:00Z&to=2026-03-01T00:00:00Z'
  const entries = await http.all(`${deploymentsPath}/metrics?${window}&explain=changeFailRate&limit=7`)
  const because = (entries as { because: { position: string; eventId: string }[] }[]).flatMap(entry => entry.because)
  expect(because.length).toBeGreaterThan(10)
  expect(because.map(({ eventId }) => eventId)).toEqual(because.map(({ position }) => ids.get(position)))
})

it('successive rollbacks by tag mark the deployments that the definition requires', async () => {
  const narrowed = [
    { application: 'search', environment: 'prod' },
    { environment: 'qa' },
    { application: 'checkout' },
    {},
  ]
  const outcomes = new Set<number>()
  for (const selection of narrowed.flatMap(by => [...tags, 'v9'].map(imageTag => ({ imageTag, ...by })))) {
    const { imageTag, ...by } = selection
    const due = rollbackByTag(foldDeployments(log), selection)
    const before = log.length
    const answer = await http.post(`${deploymentsPath}/tag/${imageTag}/rollback`, by)
    outcomes.add(answer.status)
    if ('status' in due) {
      expect([selection, answer.status]).toEqual([selection, due.status])
      continue
    }
    expect([selection, answer.json.id]).toEqual([selection, due.marked[0]])
    await readLogAndWait()
    expect(log).toHaveLength(before + due.marked.length)
    // The log has them in the order of their starts.
    expect(markedBy(answer)).toEqual(due.marked.toReversed())
  }
  expect([...outcomes].toSorted()).toEqual([200, 404, 409, 422])
})

it('a rollback by id marks the whole span of an active deployment, and any other deployment alone', async () => {
  const counts = new Set<boolean>()
  for (const { id } of foldDeployments(log).filter(({ status }) => status === 'DEPLOYED')) {
    const deployments = foldDeployments(log)
    if (deployments.find(deployment => deployment.id === id)!.status !== 'DEPLOYED') continue
    const due = rollbackById(deployments, id)
    const answer = await http.post(`${deploymentsPath}/${id}/rollback`)
    if (deployments.find(deployment => deployment.id === id)!.more['removedAt'] !== undefined) {
      expect([answer.status, answer.json.deploymentId]).toEqual([422, id])
      continue
    }
    expect([answer.status, answer.json.id]).toEqual([200, id])
    await readLogAndWait()
    expect(markedBy(answer)).toEqual(due.toReversed())
    counts.add(due.length > 1)
    if (counts.size === 2) return
  }
  expect(counts.size).toBe(2)
})

/** The deployments that the command of a response marked, in log order. */
function markedBy({ headers }: HttpAnswer): string[] {
  const at = ({ partition, headers: { ce_ledgerseq } }: RawRecord) => `${partition}:${ce_ledgerseq}`
  const command = log.find(record => at(record) === headers['shiplog-position'])!.headers['ce_causationid']
  const events = log.filter(record => record.headers['ce_causationid'] === command)
  return events.map(({ value }) => JSON.parse(value).deploymentId as string)
}

it('verify reports that the read models equal a replay, or which of them differs', async () => {
  const settings = { brokers: brokers(), databaseUrl: service.database.url, topic: service.topic }
  const good = await CommandLine.run(['verify'], settings)
  expect([good.code, good.text]).toEqual([0, expect.stringContaining('equal to a replay of the log')])

  const tables = new pg.Client({ connectionString: service.database.url })
  await tables.connect()
  const gone = await tables.query('DELETE FROM read_v1.deployment_current')
  expect(gone.rowCount).toBeGreaterThan(0)
  const bad = await CommandLine.run(['verify'], settings)
  const { rows } = await tables.query(`SELECT to_regnamespace('read_v1_verify') AS left_behind`)
  await tables.end()

  expect([bad.code, bad.text]).toEqual([1, expect.stringMatching(/deployment_current +differs/)])
  expect(rows).toEqual([{ left_behind: null }])
})

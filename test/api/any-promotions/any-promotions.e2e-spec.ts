import { randomBytes } from 'node:crypto'
import { AnyPromotions, environmentNames, keys } from './commands.js'
import { EnvironmentHistory, type KeyVersion, lastSecrets } from '../../independent/configuration/configuration.js'
import { checkRecords } from '../../independent/log/log-check.js'
import { collectLog, type RawRecord } from '../../independent/log/log-reader.js'
import { findUnmatchedChanges, foldPromotions, presentRules } from '../../independent/configuration/promotions.js'
import { environmentOf } from '../../independent/configuration/rules.js'
import { brokers, type HttpAnswer, type HttpClient, type Service, startService } from '../../kit/index.js'

// Whatever people do with configurations, promotions and the pipeline: what the API answers is what the log says, by a recomputation of
// the rules that knows nothing of the product's.

const tenants = ['first', 'second', 'third', 'fourth']
const COMMANDS = 400
const mask = '********'

let service: Service
let log: RawRecord[]
let statuses: Map<number, number>
const clients = new Map<string, HttpClient>()

beforeAll(async () => {
  service = await startService('standalone', { SHIPLOG_SECRETS_KEY: randomBytes(32).toString('base64') })
  const answers = (await Promise.all(tenants.map((tenant, seed) => anything(service.http.as(tenant), seed)))).flat()
  statuses = new Map()
  for (const { status } of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1)
  log = await collectLog(brokers(), service.topic)
  const { ends, findings } = checkRecords(log)
  if (findings.length > 0) throw new Error(findings.join('; '))
  for (const tenant of tenants) clients.set(tenant, service.http.as(tenant).reflecting(ends))
}, 300_000)
afterAll(() => service?.end())

async function anything(http: HttpClient, seed: number): Promise<HttpAnswer[]> {
  const promotions = new AnyPromotions(http, seed)
  const answers: HttpAnswer[] = []
  for (let n = 0; n < COMMANDS; n++) answers.push(await promotions.send())
  return answers
}

/** The stream that an environment's configuration is in, by any name of it: the only one of its names that there is. */
function streamOf(tenant: string, name: string): string {
  const { name: called, aliases = [] } = environmentOf(presentRules(log, tenant), name) ?? { name }
  const subjects = new Set(log.map(({ headers }) => headers['ce_subject']))
  return [called, ...aliases].find(word => subjects.has(`configuration-${tenant}/${word}`)) ?? called
}

it('every kind of answer is among it, and no fault', () => {
  expect([...statuses.keys()].toSorted()).toEqual([200, 201, 409, 412, 422])
})

describe.each(tenants)('%s', tenant => {
  const get = async (path: string) => (await clients.get(tenant)!.get(`/api/v1/config/${path}`)).json

  test('promotions stand as their events and the pipeline tell, and are executed by enough people', async () => {
    const promotions = [...foldPromotions(log, tenant).values()]
    const all = (await clients.get(tenant)!.all('/api/v1/config/promotions?limit=100')) as Record<string, unknown>[]
    const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1)
    expect(all.map(({ id, state, version }) => ({ id, state, version }) as { id: string }).toSorted(byId)).toEqual(
      promotions.map(({ id, state, trail }) => ({ id, state, version: trail.length })).toSorted(byId),
    )
    expect(promotions.filter(({ fewEyes }) => fewEyes !== undefined)).toEqual([])
    expect(findUnmatchedChanges(log, tenant)).toEqual([])
    expect(promotions.filter(({ trail }) => trail.some(({ type }) => type === 'executed')).length).toBeGreaterThan(3)
  })

  test('configurations are the same under every name, and what was before they were secrets is masked', async () => {
    for (const name of environmentNames) {
      const history = new EnvironmentHistory(log, tenant, streamOf(tenant, name))
      const shown = (await get(`environments/${name}/configurations?limit=500`)) as Record<string, unknown>[]
      expect([name, shown.map(({ key, value, revision }) => [key, value, revision])]).toEqual([
        name,
        [...history.current('configuration').values()]
          .toSorted((a, b) => (a.key < b.key ? -1 : 1))
          .map(version => [version.key, valueOf(version), version.revision]),
      ])
      for (const key of keys) {
        const versions = history.history('configuration', key)
        const json = await get(`environments/${name}/configurations/${key}/history?limit=500`)
        const changes = Array.isArray(json) ? (json as Record<string, unknown>[]) : []
        expect([name, key, changes.map(({ value, revision }) => [value, revision])]).toEqual([
          name,
          key,
          versions.map(version => [valueOf(version), version.revision]),
        ])
      }
    }
  })

  test('the trails of promotions show no value of a key that became a secret since', async () => {
    const secrets = lastSecrets(log, tenant)
    let masked = 0
    for (const { id } of foldPromotions(log, tenant).values()) {
      const { sourceEnvironment, targetEnvironment } = await get(`promotions/${id}`)
      const streams = [sourceEnvironment, targetEnvironment].map(name => streamOf(tenant, name))
      for (const { position, data } of await get(`promotions/${id}/events`)) {
        const seq = Number(String(position).split(':')[1])
        for (const change of [...(data.content ?? []), ...(data.changes ?? [])]) {
          const since = Math.max(...streams.map(stream => secrets.get(`${stream} ${change.key}`) ?? 0))
          if (since <= seq) continue
          const values = ['source', 'target', 'before', 'after'].flatMap(side =>
            side in change ? [change[side].value] : [],
          )
          expect(values.every(value => value === mask)).toBe(true)
          masked++
        }
      }
    }
    expect(masked).toBeGreaterThan(0)
  })
})

function valueOf({ entry, masked }: KeyVersion): unknown {
  if (!entry) return undefined
  return masked ? mask : entry.value
}

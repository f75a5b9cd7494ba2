import { randomBytes } from 'node:crypto'
import { AnyPromotions, environmentNames, keys } from './commands.js'
import { EnvironmentHistory, type KeyVersion, lastSecrets } from '../../independent/configuration/configuration.js'
import { checkRecords } from '../../independent/log/log-check.js'
import { collectLog, type RawRecord } from '../../independent/log/log-reader.js'
import { findUnmatchedChanges, foldPromotions, presentRules } from '../../independent/configuration/promotions.js'
import { environmentOf } from '../../independent/configuration/rules.js'
import { brokers, type HttpAnswer, type HttpClient, type Service, startService } from '../../kit/index.js'

// Random commands on configurations, promotions and the pipeline. The responses are compared with a recomputation from the log,
// whose rules are independent of the product.

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

/** The stream of the configuration of an environment, by any of its names: only one of them has a stream. */
function streamOf(tenant: string, name: string): string {
  const { name: called, aliases = [] } = environmentOf(presentRules(log, tenant), name) ?? { name }
  const subjects = new Set(log.map(({ headers }) => headers['ce_subject']))
  return [called, ...aliases].find(word => subjects.has(`configuration-${tenant}/${word}`)) ?? called
}

it('the generated commands cover every expected status, and no other occurs', () => {
  expect([...statuses.keys()].toSorted()).toEqual([200, 201, 409, 412, 422])
})

describe.each(tenants)('for the %s tenant', tenant => {
  const get = async (path: string) => (await clients.get(tenant)!.get(`/api/v1/config/${path}`)).json

  test('promotions have the state that their events and the pipeline define, and are executed with enough approvals', async () => {
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

  test('configurations are equal under every name, with values from before a secret mark masked', async () => {
    for (const name of environmentNames) {
      const history = new EnvironmentHistory(log, tenant, streamOf(tenant, name))
      const presented = (await get(`environments/${name}/configurations?limit=500`)) as Record<string, unknown>[]
      expect([name, presented.map(({ key, value, revision }) => [key, value, revision])]).toEqual([
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

  test('the trails of promotions mask values of keys that became secrets later', async () => {
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

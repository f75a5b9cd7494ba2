import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brokers, createDatabase, freshTopicName, type TestDatabase, until } from '#test/kit'
import { type Standalone, startStandalone } from './start.js'

const deployments = '/api/v1/platform/deployments'
let database: TestDatabase
let app: Standalone

beforeAll(async () => {
  database = await createDatabase('standalone')
  app = await startStandalone({
    PORT: '0',
    DATABASE_URL: database.url,
    KAFKA_BROKERS: brokers().join(','),
    SHIPLOG_TOPIC: freshTopicName('standalone'),
    LOG_LEVEL: 'silent',
  })
  await until(async () => (await fetch(`${app.url}/readyz`)).ok, 'standalone is ready')
})
afterAll(async () => {
  await app.close()
  await database.drop()
})

describe('standalone', () => {
  it('is ready when all its parts are ready', async () => {
    const { parts } = (await (await fetch(`${app.url}/readyz`)).json()) as { parts: object }
    expect(Object.keys(parts)).toEqual(expect.arrayContaining(['postgres', 'kafka', 'ledger', 'projector']))
  })

  it('returns a written deployment on the same port', async () => {
    const written = await fetch(`${app.url}${deployments}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ environment: 'dev', imageTag: 'v2.1.0-abc1234', deployedAt: '2026-02-12T10:00:00Z' }),
    })
    expect(written.status).toBe(201)
    const record = (await written.json()) as object
    const read = await fetch(`${app.url}${written.headers.get('location')}`, {
      headers: { 'Shiplog-Min-Position': written.headers.get('shiplog-position')! },
    })
    expect(read.status).toBe(200)
    expect(await read.json()).toEqual({ ...record, active: true })
  })

  it('responds 405 to an unsupported method of a known path', async () => {
    const wrong = await fetch(`${app.url}${deployments}`, { method: 'DELETE' })
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST'])
  })
})

interface Operation {
  operationId?: string
  summary?: string
  description?: string
  tags?: string[]
  parameters?: { name: string; in: string; description?: string; required?: boolean; example?: unknown }[]
  requestBody?: { content: Record<string, { schema?: object; examples?: object }> }
  responses: Record<
    string,
    { description: string; content?: Record<string, { example?: unknown; examples?: unknown }> }
  >
}

describe('the OpenAPI document', () => {
  it('is openapi.json, which `npm run openapi` writes', async () => {
    const served = await (await fetch(`${app.url}/openapi.json`)).json()
    expect(served).toEqual(
      JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', '..', 'openapi.json'), 'utf8')),
    )
  })

  it('documents the summary, parameters, examples and problems of each operation', async () => {
    const document = (await (await fetch(`${app.url}/openapi.json`)).json()) as {
      openapi: string
      tags: { name: string }[]
      paths: Record<string, Record<string, Operation>>
    }
    const tags = document.tags.map(({ name }) => name)
    expect(tags[0]).toBe('deployments')
    expect(document.openapi).toBe('3.1.0')
    const gaps = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, operation]) =>
        [...gapsOf(operation, path.startsWith('/api/')), ...unconventional(operation, tags)].map(
          gap => `${method} ${path}: ${gap}`,
        ),
      ),
    )
    expect(gaps).toEqual([])
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([deployments, `${deployments}/import`, `${deployments}/history`, '/healthz', '/metrics']),
    )
  })
})

function gapsOf({ summary, parameters = [], requestBody, responses }: Operation, isApi: boolean): string[] {
  const gaps: string[] = []
  if (!summary) gaps.push('no summary')
  for (const { name, description } of parameters) if (!description) gaps.push(`no description of ${name}`)
  if (requestBody && !Object.values(requestBody.content).every(({ examples }) => examples))
    gaps.push('no example of a body')
  const successful = Object.entries(responses).filter(([status]) => status.startsWith('2'))
  if (successful.length === 0) gaps.push('no successful response')
  if (!isApi) return gaps
  const [status, response] = successful[0] ?? []
  const hasExample = Object.values(response?.content ?? {}).some(({ example, examples }) => example ?? examples)
  if (status !== '204' && !hasExample) gaps.push(`no example of ${status}`)
  for (const problem of ['400', '500']) {
    if (!responses[problem]?.content?.['application/problem+json']) gaps.push(`no problem ${problem}`)
  }
  return gaps
}

/** Verbs that summaries and operation ids begin with. */
const verb =
  /^(add|approve|cancel|change|compare|complete|correct|count|create|delete|draft|execute|export|get|import|list|mark|open|patch|put|record|reject|remove|replace|resolve|restore|roll|schedule|set|update|validate|verify|void)/

function unconventional(
  { operationId = '', summary = '', description, tags: used = [], parameters = [] }: Operation,
  tags: string[],
): string[] {
  const findings: string[] = []
  if (!verb.test(summary.toLowerCase()) || summary.length > 60 || !/ /.test(summary))
    findings.push(`summary ${summary}`)
  if (!verb.test(operationId) || !/^[a-z]+([A-Z][a-z0-9]*)+$/.test(operationId)) findings.push(`id ${operationId}`)
  if (!description) findings.push('no description')
  if (used.length !== 1 || !tags.includes(used[0]!)) findings.push(`tags ${used.join()}`)
  for (const { name, in: location, required, example } of parameters) {
    if (location === 'query' && !required && example !== undefined) findings.push(`an example of the optional ${name}`)
  }
  return findings
}

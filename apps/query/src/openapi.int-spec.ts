import { startQueryApp, type TestQueryApp } from '#test/kit/apps/query-app'

interface Parameter {
  name: string
  in: string
  required?: boolean
  description?: string
  example?: string
  schema: { example?: string; default?: unknown }
}
interface Operation {
  operationId: string
  summary: string
  description?: string
  tags: string[]
  parameters?: Parameter[]
}

let app: TestQueryApp
let operations: [path: string, operation: Operation][]

beforeAll(async () => {
  // Without servers, malformed requests return 400 and all others 503.
  const servers = { databaseUrl: 'postgres://nobody@127.0.0.1:1/nothing', brokers: ['127.0.0.1:1'], topic: 'none' }
  app = await startQueryApp(servers)
  const { json } = await app.get('/openapi.json')
  operations = Object.entries(json.paths as Record<string, { get: Operation }>).map(([path, { get }]) => [path, get])
})
afterAll(() => app.close())

const queryOf = ({ parameters = [] }: Operation) => parameters.filter(parameter => parameter.in === 'query')

test('each operationId is a verb and a noun, with the verb of its summary', () => {
  const findings = operations.flatMap(([path, { operationId, summary, description, tags }]) => {
    const [first = ''] = summary.split(' ')
    const isVerbAndNoun = /^[a-z]+([A-Z][a-z0-9]*)+$/.test(operationId) && operationId.startsWith(first.toLowerCase())
    return isVerbAndNoun && summary.length <= 60 && description && tags.length === 1
      ? []
      : [`${path} ${operationId}: ${summary}`]
  })
  expect(findings).toEqual([])
  expect(operations.length).toBeGreaterThan(25)
})

test('parameters have a description; optional ones state their default and have no example', () => {
  const findings = operations.flatMap(([path, operation]) =>
    queryOf(operation)
      .filter(({ required, description = '', example, schema }) => {
        if (required) return description === ''
        const saysDefault =
          schema.default !== undefined || /Default: |Required with|Metric to explain/.test(description)
        return (example ?? schema.example) !== undefined || !saysDefault
      })
      .map(({ name }) => `${path} ${name}`),
  )
  expect(findings).toEqual([])
})

test('exactly the query parameters that are declared as required cause a 400 where they are missing', async () => {
  const uuid = '0198c0de-0000-7000-8000-000000000001'
  const rejectedParameters = async (path: string, parameters: Parameter[]) => {
    const search = new URLSearchParams(
      Object.fromEntries(parameters.map(({ name, example, schema }) => [name, example ?? schema.example ?? ''])),
    )
    const { status, json } = await app.get(`${path.replaceAll(/\{\w+\}/g, uuid)}?${search.toString()}`)
    return status === 400 ? (json.errors as { parameter: string }[]).map(({ parameter }) => parameter) : []
  }
  const required = operations.flatMap(([path, operation]) => {
    const parameters = queryOf(operation).filter(parameter => parameter.required)
    return parameters.map(({ name }) => ({ path, name, parameters }))
  })
  for (const { path, name, parameters } of required) {
    expect([
      path,
      await rejectedParameters(
        path,
        parameters.filter(parameter => parameter.name !== name),
      ),
    ]).toEqual([path, [name]])
  }
  const declared = required.map(({ path, name }) => `${path.split('/').slice(4).join('/')} ${name}`)
  expect(declared.toSorted()).toEqual([
    'deployments/changes source',
    'deployments/changes target',
    'deployments/drift/history source',
    'deployments/drift/history target',
    'deployments/metrics/changes metric',
    'deployments/metrics/changes since',
    'promotions/diff source',
    'promotions/diff target',
    'promotions/drift source',
    'promotions/drift target',
  ])
  // All others may be omitted, except for one condition that a schema cannot express.
  const lacking: unknown[] = []
  for (const [path, operation] of operations) {
    const parameters = queryOf(operation).filter(parameter => parameter.required)
    const names = await rejectedParameters(path, parameters)
    if (names.length > 0) lacking.push([path, names])
  }
  expect(lacking).toEqual([['/api/v1/platform/deployments/rollback-target', ['environment']]])
})

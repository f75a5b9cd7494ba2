import { committedDocument, ResponseCheck, type ApiDocument } from '#test/kit/http/response-check'

interface Media {
  schema?: object
  example?: unknown
  examples?: Record<string, { value: unknown }>
}
interface Operation {
  requestBody?: { content: Record<string, Media> }
  responses: Record<string, { content?: Record<string, Media> }>
}

const document = committedDocument()
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item as unknown as Record<string, Operation>).map(([method, operation]) => ({
    name: `${method} ${path}`,
    method: method.toUpperCase(),
    path,
    operation,
  })),
)

/** Visits each schema of the document with its place. */
function visit(node: unknown, place: string, see: (node: Record<string, unknown>, place: string) => void): void {
  if (node === null || typeof node !== 'object') return
  if (!Array.isArray(node)) see(node as Record<string, unknown>, place)
  for (const [key, value] of Object.entries(node)) {
    if (key !== 'example' && key !== 'examples') visit(value, `${place}/${key}`, see)
  }
}

test('no object is without members, and no array without items', () => {
  const findings: string[] = []
  visit(document, '', ({ type, properties, additionalProperties, items, format }, place) => {
    const is = (name: string) => type === name || (Array.isArray(type) && type.includes(name))
    if (is('object') && !properties && additionalProperties === undefined) findings.push(`${place}: a bare object`)
    if (is('array') && !items) findings.push(`${place}: an array without items`)
    if (format === 'instant') findings.push(`${place}: a format of our own`)
  })
  expect(findings).toEqual([])
})

test('each 2xx with a body has a schema', () => {
  const findings = operations.flatMap(({ name, operation }) =>
    Object.entries(operation.responses)
      .filter(([status]) => status.startsWith('2') && status !== '204')
      .flatMap(([status, { content = {} }]) => {
        const medias = Object.entries(content)
        if (medias.length === 0) return [`${name} ${status}: no content`]
        return medias.flatMap(([type, { schema }]) => (schema ? [] : [`${name} ${status} ${type}: no schema`]))
      }),
  )
  expect(findings).toEqual([])
})

test('each example of a response is what its schema declares, without further members', () => {
  const check = new ResponseCheck(document)
  let count = 0
  const findings = operations.flatMap(({ name, method, path, operation }) =>
    Object.entries(operation.responses).flatMap(([status, { content = {} }]) =>
      Object.entries(content).flatMap(([contentType, { example, examples = {} }]) => {
        const all = [...(example === undefined ? [] : [example]), ...Object.values(examples).map(({ value }) => value)]
        count += all.length
        return all.flatMap(one => {
          const text = typeof one === 'string' ? one : JSON.stringify(one)
          const found = check.findings({ method, path, status: Number(status), contentType, text })
          return found.map(finding => `${name} ${status}: ${finding}`)
        })
      }),
    ),
  )
  expect(findings).toEqual([])
  expect(count).toBeGreaterThan(400)
})

test('components are used more than once or are named for clients: each is referred to', () => {
  const text = JSON.stringify(document)
  const unused = Object.keys(document.components.schemas).filter(name => !text.includes(`/schemas/${name}"`))
  expect(unused).toEqual([])
})

describe('ResponseCheck', () => {
  const thing = { type: 'object', required: ['id'], properties: { id: { type: 'string' } } }
  const small = {
    components: { schemas: { Thing: thing, Problem: thing } },
    paths: {
      '/things/{id}': {
        get: {
          responses: { 200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } } },
        },
      },
    },
  } as unknown as ApiDocument
  const check = new ResponseCheck(small)
  const answer = { method: 'GET', path: '/things/7?x=1', status: 200, contentType: 'application/json; charset=utf-8' }

  test('accepts what is declared', () => {
    expect(check.findings({ ...answer, text: '{"id":"7"}' })).toEqual([])
  })

  test.each([
    ['a member that is not declared', { text: '{"id":"7","more":1}' }, 'additional'],
    ['a member that is missing', { text: '{}' }, 'required'],
    ['a wrong type', { text: '{"id":7}' }, 'string'],
    ['a status that is not documented', { status: 201, text: '{"id":"7"}' }, '201 is not documented'],
    ['a media type that is not documented', { contentType: 'text/html', text: '<p>' }, 'text/html is not documented'],
    ['a malformed problem', { status: 404, contentType: 'application/problem+json', text: '{}' }, 'required'],
  ])('finds %s', (_, change, finding) => {
    expect(check.findings({ ...answer, ...change }).join()).toContain(finding)
  })
})

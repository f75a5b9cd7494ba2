import { named } from '#libs/contracts'
import { hoistComponents } from './components.js'
import { openApiSchema } from './schema.js'

const person = named('Person', { type: 'object', properties: { since: { type: 'string', format: 'instant' } } })
const team = named('Team', { type: 'object', properties: { lead: person, members: { type: 'array', items: person } } })

const documentOf = (...schemas: object[]) => ({
  openapi: '3.1.0',
  info: { title: 'x', version: '1' },
  paths: {
    '/x': {
      get: {
        responses: Object.fromEntries(
          schemas.map((schema, n) => [
            String(200 + n),
            { description: 'x', content: { 'application/json': { schema: openApiSchema(schema) } } },
          ]),
        ),
      },
    },
  },
})

it('hoistComponents turns named schemas into components at any depth', () => {
  const { paths, components } = hoistComponents(documentOf({ type: 'array', items: team }, person))
  const schemas = Object.values(paths['/x']!.get!.responses).map(
    response => (response as { content: Record<string, { schema: object }> }).content['application/json']!.schema,
  )
  expect(schemas).toEqual([
    { type: 'array', items: { $ref: '#/components/schemas/Team' } },
    { $ref: '#/components/schemas/Person' },
  ])
  const reference = { $ref: '#/components/schemas/Person' }
  expect(components).toEqual({
    schemas: {
      Person: { type: 'object', properties: { since: { type: 'string', format: 'date-time' } } },
      Team: { type: 'object', properties: { lead: reference, members: { type: 'array', items: reference } } },
    },
  })
  expect(Object.keys(components!.schemas!)).toEqual(['Person', 'Team'])
})

it('hoistComponents throws for two schemas with one name, and for a changed copy of one', () => {
  const other = named('Person', { type: 'string' })
  expect(() => hoistComponents(documentOf(team, other))).toThrow('two different schemas named Person')
  expect(() => hoistComponents(documentOf(person, { ...person, description: 'x' }))).toThrow('named Person')
})

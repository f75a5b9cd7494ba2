import { named } from '#libs/contracts'
import { commandProblemSchema } from './command.js'
import { enumOf, integer, positionOf, response, string, uuid } from './schema/parts.js'

const importResultSchema = named(
  'ImportResult',
  response(
    {
      line: integer('Number of the line in the request, from 1.'),
      result: enumOf(
        ['recorded', 'repeated', 'accepted', 'refused'],
        '`repeated`: it was recorded before; `accepted`: it is appended when Kafka is available again; `refused`: see `problem`.',
      ),
      id: uuid('Id of the deployment.'),
      position: positionOf('Log position of its last event.'),
      command: string('URL of the status of an accepted command.'),
      problem: commandProblemSchema,
    },
    ['line', 'result'],
  ),
)
/** The result of one line of an import. */
export interface ImportResult {
  line: number
  result: (typeof importResultSchema)['properties']['result']['enum'][number]
  id?: string
  position?: string
  command?: string
  problem?: object
}

/** The response of an import: JSON lines. `contentSchema` is that of each line. */
export const importResultsSchema = {
  type: 'string',
  description: 'An `ImportResult` for each line of the request, in order.',
  contentMediaType: 'application/x-ndjson',
  contentSchema: importResultSchema,
} as const

const results: ImportResult[] = [
  { line: 1, result: 'recorded', id: '0198c0de-0000-7000-8000-000000000001', position: '3:17' },
  {
    line: 2,
    result: 'refused',
    problem: {
      type: 'https://shiplog.dev/problems/malformed-request',
      title: 'Malformed request',
      status: 400,
      detail: 'The line has an invalid field.',
    },
  },
]
export const importResultsExample = results.map(result => JSON.stringify(result)).join('\n')

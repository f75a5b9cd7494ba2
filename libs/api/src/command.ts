import { named, problemMembers } from '#libs/contracts'
import type { FromSchema } from 'json-schema-to-ts'
import { enumOf, instant, positionOf, response, uuid } from './schema/parts.js'

export const commandProblemSchema = named('CommandProblem', {
  type: 'object',
  description:
    'Why a command was refused: the problem details (RFC 9457) that its request would have got, with their further members.',
  required: ['type', 'title', 'status', 'detail'],
  properties: problemMembers,
  additionalProperties: true,
})

/** The state of a command. */
export const commandSchema = named(
  'Command',
  response(
    {
      id: uuid('Id of the command.'),
      status: enumOf(
        ['accepted', 'appended', 'refused'],
        '`accepted`: its events are not confirmed by the log yet; `appended`: they are in the log; `refused`: it changed nothing.',
      ),
      receivedAt: instant('Time at which Shiplog received the command.'),
      position: positionOf('Log positions of its events.'),
      problem: commandProblemSchema,
    },
    ['id', 'status', 'receivedAt'],
  ),
)
export type CommandResponse = Omit<FromSchema<typeof commandSchema>, 'problem'> & { problem?: object }

export const commandExample: CommandResponse = {
  id: '0198c0de-0000-7000-8000-00000000000c',
  status: 'appended',
  receivedAt: '2026-02-12T10:05:01.217Z',
  position: '3:17',
}

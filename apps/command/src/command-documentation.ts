import { ApiResponse } from '@nestjs/swagger'
import { positionHeader } from '#libs/http'

const text = (description: string) => ({ description, schema: { type: 'string' as const } })

/** Headers of a write's answer. */
export const writeHeaders = { [positionHeader]: text('Position of its last event: `<partition>:<seq>`.') }
export const locationHeader = { Location: text('Its URL.') }
export const entityTagHeader = { ETag: text('Its revision, for `If-Match`.') }

const commandId = '0198c0de-0000-7000-8000-00000000000c'
const url = `/api/v1/commands/${commandId}`

/** Documents the 202 of a write while Kafka is away. @param named what it names of its subject, as an example */
export function Accepted(named: object): MethodDecorator {
  return ApiResponse({
    status: 202,
    description: 'Decided, and appended as soon as Kafka can be reached: ask the URL in `Location` how it went.',
    headers: { Location: text('URL of the command.') },
    content: {
      'application/json': {
        schema: {
          type: 'object',
          required: ['id', 'status', 'url'],
          properties: {
            id: { type: 'string', format: 'uuid', description: 'The command.' },
            status: { type: 'string', enum: ['accepted'] },
            url: { type: 'string' },
          },
        },
        example: { id: commandId, status: 'accepted', url, ...named },
      },
    },
  })
}

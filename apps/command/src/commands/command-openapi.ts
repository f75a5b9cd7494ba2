import { ApiResponse } from '@nestjs/swagger'
import { positionHeader } from '#libs/http'

const text = (description: string) => ({ description, schema: { type: 'string' as const } })

export const writeHeaders = {
  [positionHeader]: text(
    'Log position of the last event written, as `<partition>:<seq>`. Send it as `Shiplog-Min-Position` to read your write.',
  ),
}
export const locationHeader = { Location: text('URL of the resource.') }
export const entityTagHeader = {
  ETag: text('Revision of the resource. Send it as `If-Match` to change only this revision.'),
}

const commandId = '0198c0de-0000-7000-8000-00000000000c'
const url = `/api/v1/commands/${commandId}`

/** Documents the 202 of a write while Kafka is unavailable. @param subject members that identify the subject, for the example */
export function Accepted(subject: object): MethodDecorator {
  return ApiResponse({
    status: 202,
    description:
      'Accepted: the command is appended when Kafka is available again. `Location` has the URL of its status.',
    headers: { Location: text('URL of the command status.') },
    content: {
      'application/json': {
        schema: {
          type: 'object',
          required: ['id', 'status', 'url'],
          properties: {
            id: { type: 'string', format: 'uuid', description: 'Id of the command.' },
            status: { type: 'string', enum: ['accepted'] },
            url: { type: 'string' },
          },
        },
        example: { id: commandId, status: 'accepted', url, ...subject },
      },
    },
  })
}

import { Controller } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import { configurationExamples, flagSchema } from '#libs/api'
import { patchFlagsSchema, putFlagSchema } from '#libs/contracts'
import { checkKeys, type PatchFlagsBody, type PutFlagBody } from './configuration-bodies.js'
import type { RequestedSetting } from './configuration-commands.js'
import { examples } from './configuration-openapi.js'
import { environmentsPath } from './configuration-params.js'
import { keyController } from './key.controller.js'

@ApiTags('configuration')
@Controller(`${environmentsPath}/flags`)
export class FlagController extends keyController({
  kind: 'flag',
  permission: 'flags:write',
  set: {
    operationId: 'setFlag',
    summary: 'Set a feature flag',
    description: 'Creates or replaces the flag. Without `description` the existing one is kept.',
    body: { schema: putFlagSchema, examples: examples.putFlag },
    response: { schema: flagSchema, example: configurationExamples.flag },
    settingOf,
  },
  remove: {
    operationId: 'deleteFlag',
    summary: 'Delete a feature flag',
    description: 'Idempotent: 204 if the flag does not exist.',
  },
  update: {
    operationId: 'updateFlags',
    summary: 'Change many feature flags in one transaction',
    description:
      'All changes are made, or none, and recorded as one event. Limits: 10,000 keys and 4 MiB. Setting an equal flag changes nothing. ' +
      '`If-Match` compares the revision of the environment.',
    body: { schema: patchFlagsSchema, examples: examples.patchFlags },
    changeOf(body: PatchFlagsBody) {
      checkKeys(body)
      const set = Object.entries(body.set ?? {}).map(([key, flag]) => settingOf(key, flag))
      return { set, delete: body.delete ?? [] }
    },
  },
}) {}

function settingOf(key: string, { description, ...value }: PutFlagBody): RequestedSetting {
  return { key, value, ...(description !== undefined && { description }) }
}

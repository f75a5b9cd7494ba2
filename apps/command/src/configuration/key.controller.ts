import { Delete, Injectable, Patch, Put, type Type } from '@nestjs/common'
import { canonicalJson, type ConfigurationKind, manyKeysBounds, type WantedRevision } from '#libs/contracts'
import { Endpoint, type EndpointBody, type EndpointText, IfMatch, JsonBody, Write, type WriteRequest } from '#libs/http'
import { type RequestedChange, type RequestedSetting, ConfigurationCommands } from './configuration-commands.js'
import { bulk, keyDeletion, keySetting, LARGEST } from './configuration-openapi.js'
import { EnvironmentPath, KeyPath } from './configuration-params.js'
import { bulkResponse, deletedResponse, keyResponse } from './configuration-response.js'

/** What distinguishes the routes of one kind of keys. */
interface KeyRoutes<SetBody, UpdateBody> {
  kind: ConfigurationKind
  permission: 'config:write' | 'flags:write'
  set: EndpointText & {
    body: EndpointBody
    response: { schema: object; example: object }
    settingOf(key: string, body: SetBody): RequestedSetting
  }
  remove: EndpointText
  update: EndpointText & {
    body: EndpointBody
    /** What a body requests; throws a 400 for what its schema cannot state. */
    changeOf(body: UpdateBody): { set: RequestedSetting[]; delete: string[] }
  }
}

/** The routes that configurations and feature flags have in common: to set and delete one key, and to change many. */
export function keyController<SetBody, UpdateBody>(
  routes: KeyRoutes<SetBody, UpdateBody>,
): Type<{ readonly commands: ConfigurationCommands }> {
  const { kind, permission, set, remove, update } = routes
  const { settingOf, response, ...setting } = set
  const { changeOf, ...updating } = update

  // Decorated, so that Nest knows what its constructor takes.
  @Injectable()
  class KeyController {
    constructor(readonly commands: ConfigurationCommands) {}

    @Put(':key')
    @Endpoint({ ...setting, permission, ...keySetting(response) })
    async set(
      @Write() write: WriteRequest,
      @EnvironmentPath() environment: string,
      @KeyPath() key: string,
      @IfMatch() ifMatch: WantedRevision | undefined,
      @JsonBody() body: object,
    ): Promise<object | undefined> {
      const requested = { environment, kind, set: [settingOf(key, body as SetBody)], ...matching(ifMatch) }
      return keyResponse(write, { kind, key }, await this.commands.execute(write, requested, canonicalJson(body)))
    }

    @Delete(':key')
    @Endpoint({ ...remove, permission, ...keyDeletion })
    async delete(
      @Write() write: WriteRequest,
      @EnvironmentPath() environment: string,
      @KeyPath() key: string,
      @IfMatch() ifMatch: WantedRevision | undefined,
    ): Promise<object | undefined> {
      const requested = { environment, kind, delete: [key], ...matching(ifMatch) }
      return deletedResponse(write, key, await this.commands.execute(write, requested, canonicalJson(null)))
    }

    @Patch()
    @Endpoint({
      ...updating,
      body: { ...update.body, largest: LARGEST, bounds: manyKeysBounds },
      permission,
      ...bulk(),
    })
    async update(
      @Write() write: WriteRequest,
      @EnvironmentPath() environment: string,
      @IfMatch() ifRevision: WantedRevision | undefined,
      @JsonBody() body: object,
    ): Promise<object | undefined> {
      const change = changeOf(body as UpdateBody)
      const requested = { environment, kind, ...change, ...(ifRevision !== undefined && { ifRevision }) }
      return bulkResponse(write, change.set.length, await this.commands.execute(write, requested, canonicalJson(body)))
    }
  }
  return KeyController
}

function matching(ifMatch: WantedRevision | undefined): Pick<RequestedChange, 'ifMatch'> {
  return ifMatch === undefined ? {} : { ifMatch }
}

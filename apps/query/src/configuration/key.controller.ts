import { Get, Injectable, type Type } from '@nestjs/common'
import type { ConfigurationKind } from '#libs/contracts'
import { Endpoint, type EndpointText, Read, type ReadRequest, StrictQuery } from '#libs/http'
import { AsOfQuery } from '../reads/as-of-params.js'
import { EnvironmentPath, KeyPath, problems } from './configuration-openapi.js'
import { KeyHistoryQuery } from './configuration-params.js'
import { KeyReads } from './key-reads.js'

/** What distinguishes the routes of one kind of keys. */
interface KeyRoutes {
  kind: ConfigurationKind
  permission: 'config:read' | 'flags:read'
  one: EndpointText & { response: { description: string; schema: object; example: unknown } }
  history: EndpointText & { response: { description: string; schema: object; example: unknown } }
}

/** The routes that configurations and feature flags have in common: one key, and its history. */
export function keyController({ kind, permission, one, history }: KeyRoutes): Type<{ readonly reads: KeyReads }> {
  const { response: key, ...oneText } = one
  const { response: changes, ...historyText } = history

  // Decorated, so that Nest knows what its constructor takes.
  @Injectable()
  class KeyController {
    constructor(readonly reads: KeyReads) {}

    @Get(':key')
    @Endpoint({ ...oneText, permission, tagged: true, responses: { 200: key }, errors: problems.one })
    async get(
      @Read() read: ReadRequest,
      @EnvironmentPath() environment: string,
      @KeyPath() key: string,
      @StrictQuery() parameters: AsOfQuery,
    ): Promise<string | undefined> {
      return this.reads.one({ ...read, environment }, kind, key, parameters)
    }

    @Get(':key/history')
    @Endpoint({ ...historyText, permission, paged: true, responses: { 200: changes }, errors: problems.one })
    async listHistory(
      @Read() read: ReadRequest,
      @EnvironmentPath() environment: string,
      @KeyPath() key: string,
      @StrictQuery() parameters: KeyHistoryQuery,
    ): Promise<string> {
      return this.reads.history({ ...read, environment }, kind, key, parameters)
    }
  }
  return KeyController
}

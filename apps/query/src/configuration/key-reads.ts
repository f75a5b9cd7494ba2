import { Injectable } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ConfigurationKind, Positions } from '#libs/contracts'
import { entityTag } from '#libs/http'
import {
  configurationsPage,
  exportKeys,
  findConfiguration,
  keyHistoryPage,
  type KeysSelection,
  type AsOf,
} from '#libs/read-models'
import { found, sendPage, sendTagged, setPositionHeader } from '../reads/responses.js'
import { ReadGateway } from '../reads/read-gateway.js'
import type { KeyHistoryQuery, FlagsQuery } from './configuration-params.js'
import { environmentFile, type FileForm } from './environment-file.js'

/** A read request for the keys of an environment. */
export interface KeyRead {
  request: FastifyRequest
  reply: FastifyReply
  tenant: string
  environment: string
  minimum?: Positions
}

/** Serves reads of configurations and feature flags. */
@Injectable()
export class KeyReads {
  constructor(private readonly gateway: ReadGateway) {}

  async list(read: KeyRead, kind: ConfigurationKind, parameters: FlagsQuery): Promise<string> {
    const { request, reply, minimum } = read
    const selection = { ...selectionOf(read, kind, parameters), ...parameters }
    return sendPage(request, reply, await this.gateway.read(minimum, query => configurationsPage(query, selection)))
  }

  /** All configurations as one file. */
  async file(read: KeyRead, form: FileForm, type: string, parameters: FlagsQuery): Promise<string> {
    const { reply, minimum } = read
    const selection = { ...selectionOf(read, 'configuration', parameters), prefix: parameters.prefix }
    const { body, positions } = await this.gateway.read(minimum, query => exportKeys(query, selection))
    setPositionHeader(reply, positions)
    reply.type(`${type}; charset=utf-8`)
    return environmentFile(body, form)
  }

  async one(read: KeyRead, kind: ConfigurationKind, key: string, parameters: AsOf): Promise<string | undefined> {
    const { request, reply, tenant, minimum } = read
    const selection = { ...selectionOf(read, kind, parameters), key }
    const response = await this.gateway.read(minimum, query => findConfiguration(query, selection))
    const { body, positions } = found(reply, response, missing(read, kind, key))
    return sendTagged(request, reply, { body: body.json, positions }, entityTag(tenant, body.revision))
  }

  async history(read: KeyRead, kind: ConfigurationKind, key: string, parameters: KeyHistoryQuery): Promise<string> {
    const { request, reply, minimum } = read
    const selection = { ...selectionOf(read, kind, parameters), ...parameters, key }
    const response = await this.gateway.read(minimum, query => keyHistoryPage(query, selection))
    return sendPage(request, reply, found(reply, response, missing(read, kind, key)))
  }
}

function selectionOf(
  { tenant, environment }: KeyRead,
  kind: ConfigurationKind,
  { asOf, knownAt }: AsOf,
): KeysSelection {
  return { tenant, environment, kind, asOf, knownAt }
}

function missing({ environment }: KeyRead, kind: ConfigurationKind, key: string): string {
  return `${kind === 'flag' ? 'Feature flag' : 'Configuration'} ${key} does not exist in environment ${environment}.`
}

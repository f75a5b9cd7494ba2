import { Injectable } from '@nestjs/common'
import type { ConfigurationKind } from '#libs/contracts'
import { entityTag, type ReadRequest } from '#libs/http'
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
export interface KeyRead extends ReadRequest {
  environment: string
}

/** Serves reads of configurations and feature flags. */
@Injectable()
export class KeyReads {
  constructor(private readonly gateway: ReadGateway) {}

  async list(read: KeyRead, kind: ConfigurationKind, parameters: FlagsQuery): Promise<string> {
    const selection = { ...selectionOf(read, kind, parameters), ...parameters }
    return sendPage(read, await this.gateway.read(read, query => configurationsPage(query, selection)))
  }

  /** All configurations as one file. */
  async file(read: KeyRead, form: FileForm, type: string, parameters: FlagsQuery): Promise<string> {
    const selection = { ...selectionOf(read, 'configuration', parameters), prefix: parameters.prefix }
    const { body, positions } = await this.gateway.read(read, query => exportKeys(query, selection))
    setPositionHeader(read.reply, positions)
    read.reply.type(`${type}; charset=utf-8`)
    return environmentFile(body, form)
  }

  async one(read: KeyRead, kind: ConfigurationKind, key: string, parameters: AsOf): Promise<string | undefined> {
    const selection = { ...selectionOf(read, kind, parameters), key }
    const response = await this.gateway.read(read, query => findConfiguration(query, selection))
    const { body, positions } = found(read, response, missing(read, kind, key))
    return sendTagged(read, { body: body.json, positions }, entityTag(read.principal.tenant, body.revision))
  }

  async history(read: KeyRead, kind: ConfigurationKind, key: string, parameters: KeyHistoryQuery): Promise<string> {
    const selection = { ...selectionOf(read, kind, parameters), ...parameters, key }
    const response = await this.gateway.read(read, query => keyHistoryPage(query, selection))
    return sendPage(read, found(read, response, missing(read, kind, key)))
  }
}

function selectionOf(
  { principal: { tenant }, environment }: KeyRead,
  kind: ConfigurationKind,
  { asOf, knownAt }: AsOf,
): KeysSelection {
  return { tenant, environment, kind, asOf, knownAt }
}

function missing({ environment }: KeyRead, kind: ConfigurationKind, key: string): string {
  return `${kind === 'flag' ? 'Feature flag' : 'Configuration'} ${key} does not exist in environment ${environment}.`
}

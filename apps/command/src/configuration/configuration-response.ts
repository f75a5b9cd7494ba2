import {
  type BulkChange,
  type ConfigurationResponse,
  disclosureWarnings,
  type FileChanges,
  presentConfiguration,
  presentedChange,
} from '#libs/api'
import type { ConfigurationChange, ConfigurationKind } from '#libs/contracts'
import { entityTag, pathOf, type WriteRequest } from '#libs/http'
import type { CommandResult } from '#libs/ledger'
import { commandResponse } from '../commands/command-response.js'
import type { NamedReply, Preview } from './configuration-commands.js'

/** Response of the PUT of one key: 201 if it is new, else 200; with its ETag. */
export function keyResponse(
  write: WriteRequest,
  { kind, key }: { kind: ConfigurationKind; key: string },
  outcome: CommandResult<NamedReply>,
): object | undefined {
  const { reply, request, principal } = write
  return commandResponse(write, outcome, {
    subject: ({ state }) => ({ environment: state.called, key }),
    present: ({ state: { environment, only, disclosed } }, _positions, first) => {
      if (!only?.entry) throw new Error('The ledger returned no entry for the key.')
      reply
        .code(first && only.created ? 201 : 200)
        .headers({ ETag: entityTag(principal.tenant, only.revision), Location: pathOf(request) })
      const presented = presentConfiguration({ tenant: principal.tenant, environment, kind, key }, only.entry, only)
      return { ...presented, ...warningsOf(disclosed) }
    },
  })
}

/** Response of the DELETE of one key: 204. */
export function deletedResponse(
  write: WriteRequest,
  key: string,
  outcome: CommandResult<NamedReply>,
): object | undefined {
  return commandResponse(write, outcome, {
    subject: ({ state }) => ({ environment: state.called, key }),
    present: () => {
      write.reply.code(204)
      return undefined
    },
  })
}

/** Response of a change of many keys, with the ETag of the environment. @param requested number of keys in the request that were to be set */
export function bulkResponse(
  write: WriteRequest,
  requested: number,
  outcome: CommandResult<NamedReply>,
): object | undefined {
  return commandResponse(write, outcome, {
    subject: ({ state }) => ({ environment: state.called }),
    present: ({ state: { called: environment, revision, set, deleted, disclosed } }): BulkChange => {
      write.reply.header('ETag', entityTag(write.principal.tenant, revision))
      return { environment, revision, set, deleted, unchanged: requested - set, ...warningsOf(disclosed) }
    },
  })
}

function warningsOf(disclosed: string[] = []): Pick<ConfigurationResponse, 'warnings'> {
  return disclosed.length === 0 ? {} : { warnings: disclosureWarnings(disclosed) }
}

/** Response of a dry run: the differences, with the ETag of the environment that they were computed for. */
export function previewResponse(
  { reply, principal }: WriteRequest,
  { environment, revision, changes, unchanged }: Preview,
): FileChanges {
  if (revision > 0) reply.header('ETag', entityTag(principal.tenant, revision))
  const sorted = changes.toSorted((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)))
  const having = (isSo: (change: ConfigurationChange) => unknown) => sorted.filter(isSo)
  return {
    dryRun: true,
    environment,
    revision,
    added: having(({ before }) => !before).map(change => ({ key: change.key, value: presentedChange(change).after })),
    modified: having(({ before, after }) => before && after).map(change => {
      const { before, after } = presentedChange(change)
      return { key: change.key, before, after }
    }),
    removed: having(({ after }) => !after).map(change => ({ key: change.key, value: presentedChange(change).before })),
    unchanged,
  }
}

import { setImmediate } from 'node:timers/promises'
import { Injectable } from '@nestjs/common'
import {
  type ChangeConfiguration,
  type ConfigurationChange,
  type ConfigurationKind,
  type ConfigurationSetting,
  eventsOf,
  isRejection,
  resolveEnvironment,
  streamIdOf,
} from '#libs/contracts'
import {
  configuration,
  configurationName,
  type Configuration,
  type ConfigurationReply,
  pipeline,
  existingKeys,
  type PipelineSettings,
  pipelineStream,
} from '#libs/domain'
import { rejectionProblem, type WriteRequest } from '#libs/http'
import { type StateSnapshot, type CommandRequest, Ledger, type CommandResult } from '#libs/ledger'
import { Secrets } from '#libs/secrets'
import { receivedFrom } from '../commands/execute-command.js'

/** How long values are sealed without serving other requests, in milliseconds; one value may take longer. */
const SEALED_AT_ONCE_MS = 10

/** A key to set, with its value in plain text. */
export type RequestedSetting = Omit<ConfigurationSetting, 'sealed'>

/** A requested change of keys of one kind. `environment` is a name or an alias. */
export interface RequestedChange extends Pick<ChangeConfiguration, 'kind' | 'replace' | 'ifMatch' | 'ifRevision'> {
  environment: string
  set?: RequestedSetting[]
  delete?: string[]
}

/** The reply of the decider, and the name of the environment in the pipeline. */
export type NamedReply = ConfigurationReply & { called: string }

/** The result of a dry run. */
export interface Preview {
  environment: string
  revision: number
  changes: ConfigurationChange[]
  unchanged: number
}

/** Changes configurations and flags: seals values that may be secret, finds the stream of the environment, decides. */
@Injectable()
export class ConfigurationCommands {
  constructor(
    private readonly ledger: Ledger,
    private readonly secrets: Secrets,
  ) {}

  /** @param sent the body as sent, in its canonical form: repeats are recognised by its hash */
  async execute(write: WriteRequest, requested: RequestedChange, sent: string): Promise<CommandResult<NamedReply>> {
    const { tenant } = write.principal
    const command = await this.commandOf(write, requested)
    let called = requested.environment
    const target: CommandRequest<Configuration, ChangeConfiguration, never>['target'] = {
      find: async index => {
        const settings = (await index.state<PipelineSettings>(pipelineStream(tenant))) ?? pipeline.initial
        called = resolveEnvironment(settings.pipeline, requested.environment)
        return targetOf(tenant, command, settings)
      },
    }
    // Without a sealing key the command is rejected. That outcome is not kept, as the hash of its body would not be keyed either.
    const isKept = !command.set.some(({ secret, sealed }) => secret && !sealed)
    const outcome = await this.ledger.execute({
      decider: configuration,
      target,
      context: write.context,
      bodyHash: this.secrets.bodyHash(tenant, sent),
      ...(isKept && write.idempotency && { idempotency: write.idempotency }),
    })
    if (!('answer' in outcome)) return outcome
    // The decider answers with a reply in place of its state.
    const { state, ...answer } = outcome.answer as StateSnapshot<unknown> as StateSnapshot<ConfigurationReply>
    return { ...outcome, answer: { ...answer, state: { ...state, called } } }
  }

  /** Decides on the current state without appending. Throws an HttpProblem for a rejection. */
  async preview(write: WriteRequest, requested: RequestedChange): Promise<Preview> {
    const { tenant } = write.principal
    const pipelineStreamId = pipelineStream(tenant)
    const settings = (await this.ledger.states([pipelineStreamId])).get(pipelineStreamId) as
      PipelineSettings | undefined
    const known = settings ?? pipeline.initial
    const { streamId, command } = targetOf(tenant, await this.commandOf(write, requested), known)
    const state = ((await this.ledger.states([streamId])).get(streamId) as Configuration) ?? configuration.initial
    const decision = configuration.decide(command, state)
    if (isRejection(decision)) throw rejectionProblem(decision)
    const changes = eventsOf(decision).flatMap(event => event.changes)
    const touched = changes.filter(({ before }) => before).length
    const unchanged = existingKeys(state, requested.kind).length - touched
    const environment = resolveEnvironment(known.pipeline, requested.environment)
    return { environment, revision: state.revision, changes, unchanged }
  }

  private async commandOf(write: WriteRequest, requested: RequestedChange): Promise<ChangeConfiguration> {
    const { set = [], delete: gone = [], ...rest } = requested
    return {
      type: 'ChangeConfiguration',
      ...rest,
      ...receivedFrom(write),
      set: await this.allSealed(write.principal.tenant, rest.kind, set),
      delete: gone,
    }
  }

  /** Yields to the event loop: sealing as many keys as a request may have takes a tenth of a second. */
  private async allSealed(tenant: string, kind: ConfigurationKind, set: RequestedSetting[]) {
    const sealed: ConfigurationSetting[] = []
    let since = performance.now()
    for (const setting of set) {
      sealed.push({ ...setting, ...this.sealed(tenant, kind, setting) })
      if (performance.now() - since < SEALED_AT_ONCE_MS) continue
      await setImmediate()
      since = performance.now()
    }
    return sealed
  }

  /** Seals every value: only the decider knows whether a key is a secret. */
  private sealed(tenant: string, kind: ConfigurationKind, { value }: Pick<ConfigurationSetting, 'value'>) {
    const sealed = kind === 'flag' ? undefined : this.secrets.seal(tenant, value)
    return sealed && { sealed }
  }
}

function targetOf(tenant: string, command: ChangeConfiguration, settings: PipelineSettings) {
  const environment = configurationName(settings, command.environment)
  const streamId = streamIdOf(configuration.category, tenant, environment)
  return { streamId, command: { ...command, environment } }
}

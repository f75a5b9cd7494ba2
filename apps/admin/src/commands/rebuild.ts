import { dropVersion, MODELS, NEXT_SCHEMA, OLD_SCHEMA, type Model } from '#libs/read-models'
import { report } from '../process/output.js'
import type { Servers } from '../process/servers.js'
import { buildNextVersion, catchUp, compare } from '../replay/next-version.js'
import { defineCommand, exitCodes, type ExitCode } from './command.js'

const ALL = 'all'

export const rebuild = defineCommand({
  name: 'rebuild',
  summary:
    'Builds the next version of the read models from the start of the log. The live version stays in use. Then compares both ' +
    'versions at one position and prints the differences. An interrupted rebuild is resumed by the next one.',
  options: {
    model: {
      type: 'list',
      choices: [...MODELS, ALL],
      description:
        'Models to compare and swap, separated by commas; default: all. All models are built in any case, since they depend on each other.',
    },
    swap: { type: 'boolean', description: 'Replace the live version with the next one if both are equal.' },
    'swap-anyway': {
      type: 'boolean',
      description:
        'Replace it also if they differ, as they do after a fix of a projection. Review the differences first.',
    },
    anew: { type: 'boolean', description: 'Discard an interrupted rebuild and begin at the start of the log.' },
    'drop-old': {
      type: 'boolean',
      exclusive: true,
      description: 'Drop the version that an earlier swap replaced. It is kept until then.',
    },
    discard: { type: 'boolean', exclusive: true, description: 'Drop the next version.' },
  },

  async run(values, servers, signal) {
    if (values['drop-old']) {
      await dropVersion(servers.databaseUrl, OLD_SCHEMA)
      report('The previous version is dropped.')
      return exitCodes.ok
    }
    if (values.discard) {
      await dropVersion(servers.databaseUrl, NEXT_SCHEMA)
      report('The next version is dropped.')
      return exitCodes.ok
    }
    const swap = values['swap-anyway'] ? 'anyway' : values.swap ? 'if equal' : 'no'
    return buildAndSwap(servers, { models: modelsOf(values.model), swap, anew: values.anew }, signal)
  },
})

interface BuildOptions {
  models: readonly Model[]
  swap: 'no' | 'if equal' | 'anyway'
  /** Discards what an interrupted run has built. */
  anew: boolean
}

function buildAndSwap(servers: Servers, options: BuildOptions, signal: AbortSignal): Promise<ExitCode> {
  const { models, swap, anew } = options
  return buildNextVersion(servers, { schema: NEXT_SCHEMA, anew }, signal, async next => {
    await catchUp(next)
    const equal = await compare(next, models)
    if (swap === 'no' || (swap === 'if equal' && !equal)) {
      report(
        equal
          ? 'The next version equals the live one. It is kept: --swap puts it in use, --discard drops it.'
          : 'The next version differs from the live one. It is kept: --swap-anyway puts it in use, --discard drops it.',
      )
      return equal ? exitCodes.ok : exitCodes.differs
    }
    await next.rebuild.swap(models, positions => next.replay.until(positions))
    report(`Swapped: ${models.join(', ')}. The previous version is kept until you run --drop-old.`)
    return exitCodes.ok
  })
}

function modelsOf(names: readonly string[] | undefined): readonly Model[] {
  if (names === undefined || names.includes(ALL)) return MODELS
  return MODELS.filter(model => names.includes(model))
}

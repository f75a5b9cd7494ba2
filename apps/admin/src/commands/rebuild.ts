import { NEXT_SCHEMA } from '#libs/read-models'
import type { RebuildCommand } from './arguments.js'
import { building, catchUp, compare } from '../replay/next-version.js'
import { tell } from '../process/output.js'
import type { Servers } from '../process/servers.js'

/** Builds the next version of the read models, compares, and swaps where it is told to. False: they differ, and nothing was swapped. */
export function rebuild(
  servers: Servers,
  { models, swap, anew }: RebuildCommand,
  signal: AbortSignal,
): Promise<boolean> {
  return building(servers, { schema: NEXT_SCHEMA, anew }, signal, async made => {
    await catchUp(made)
    const equal = await compare(made, models)
    if (swap === 'no' || (swap === 'when equal' && !equal)) {
      tell(
        equal
          ? 'Equal. What was built is kept: --swap puts it in the place of the live one, --discard drops it.'
          : 'They differ. What was built is kept: --swap-anyway puts it in the place of the live one, --discard drops it.',
      )
      return equal
    }
    await made.rebuild.swap(models, positions => made.fold.reach(positions))
    tell(`Swapped: ${models.join(', ')}. What stood there is kept until --drop-old.`)
    return true
  })
}

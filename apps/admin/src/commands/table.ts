import type { Command } from './command.js'
import { rebuildIndex } from './rebuild-index.js'
import { rebuild } from './rebuild.js'
import { verify } from './verify.js'

/** All commands, in the order of the help. */
export const commands: readonly Command[] = [rebuild, rebuildIndex, verify]

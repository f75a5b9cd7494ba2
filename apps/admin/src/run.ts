import { LogNotWhole, PendingAppends } from '#libs/ledger'
import { ConfigurationError } from '#libs/operations'
import { dropVersion, NEXT_SCHEMA, NotOfThisVersion, OLD_SCHEMA, RebuildUnderWay, SwapRefused } from '#libs/read-models'
import { ArgumentError, help, readArguments, type Command } from './commands/arguments.js'
import { FoldFailed } from './replay/log-replay.js'
import { tell } from './process/output.js'
import { rebuildIndex } from './commands/rebuild-index.js'
import { rebuild } from './commands/rebuild.js'
import { findServers, type Servers } from './process/servers.js'
import { verify } from './commands/verify.js'

/** What a command ends with. */
const exitCodes = { good: 0, differs: 1, failed: 2, interrupted: 130 } as const

const plainErrors = [
  ArgumentError,
  ConfigurationError,
  FoldFailed,
  LogNotWhole,
  NotOfThisVersion,
  PendingAppends,
  RebuildUnderWay,
  SwapRefused,
]

/** Runs `shiplog` with these arguments; resolves with the exit code. */
export async function run(args: string[], environment: NodeJS.ProcessEnv, signal: AbortSignal): Promise<number> {
  try {
    const command = readArguments(args)
    if (command.name === 'help') {
      process.stdout.write(help)
      return exitCodes.good
    }
    return await runCommand(command, findServers(environment), signal)
  } catch (error) {
    if (signal.aborted) {
      tell('Interrupted.')
      return exitCodes.interrupted
    }
    tell(plainErrors.some(plain => error instanceof plain) ? (error as Error).message : describe(error))
    return exitCodes.failed
  }
}

async function runCommand(
  command: Exclude<Command, { name: 'help' }>,
  servers: Servers,
  signal: AbortSignal,
): Promise<number> {
  switch (command.name) {
    case 'rebuild':
      return (await rebuild(servers, command, signal)) ? exitCodes.good : exitCodes.differs
    case 'rebuild index':
      await rebuildIndex(servers, command, signal)
      return exitCodes.good
    case 'verify':
      return (await verify(servers, signal)) ? exitCodes.good : exitCodes.differs
    case 'drop old':
      await dropVersion(servers.databaseUrl, OLD_SCHEMA)
      tell('What swaps have replaced is dropped.')
      return exitCodes.good
    case 'discard':
      await dropVersion(servers.databaseUrl, NEXT_SCHEMA)
      tell('The next version is dropped.')
      return exitCodes.good
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause instanceof Error ? ` ${error.cause.message}` : ''
  // Node says of a refused connection to a host of two addresses nothing but its code.
  const code = 'code' in error ? String(error.code) : error.name
  return `${error.message || code}${cause}`
}

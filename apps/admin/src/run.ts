import { IncompleteLog, OutboxNotEmpty } from '#libs/ledger'
import { SettingsError } from '#libs/operations'
import { VersionMismatch, RebuildInProgress, SwapRefused } from '#libs/read-models'
import { ArgumentError, readArguments } from './commands/arguments.js'
import { exitCodes, type ExitCode } from './commands/command.js'
import { helpOf } from './commands/help.js'
import { commands } from './commands/table.js'
import { report } from './process/output.js'
import { findServers } from './process/servers.js'
import { ReplayFailed } from './replay/log-replay.js'

/** Errors whose message says everything that an operator needs. */
const plainErrors = [
  ArgumentError,
  SettingsError,
  IncompleteLog,
  VersionMismatch,
  OutboxNotEmpty,
  RebuildInProgress,
  ReplayFailed,
  SwapRefused,
]

/** Runs `shiplog-admin` with these arguments; resolves with the exit code. */
export async function run(args: string[], environment: NodeJS.ProcessEnv, signal: AbortSignal): Promise<ExitCode> {
  try {
    const invocation = readArguments(args, commands)
    if (invocation === 'help') {
      process.stdout.write(helpOf(commands))
      return exitCodes.ok
    }
    const { command, values } = invocation
    return await command.run(values, findServers(environment), signal)
  } catch (error) {
    if (signal.aborted) {
      report('Interrupted.')
      return exitCodes.interrupted
    }
    report(plainErrors.some(plain => error instanceof plain) ? (error as Error).message : describe(error))
    return exitCodes.failed
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause instanceof Error ? ` ${error.cause.message}` : ''
  // Node's error of a refused connection to a host with two addresses has a code and no message.
  const code = 'code' in error ? String(error.code) : error.name
  return `${error.message || code}${cause}`
}

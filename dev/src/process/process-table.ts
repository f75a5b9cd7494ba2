import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { hasErrorCode } from './errors.js'

/** One running process as the operating system lists it. */
export interface ListedProcess {
  pid: number
  /** The arguments, argv[0] first. Without /proc they are split at spaces, so compare them joined. */
  argv: string[]
}

/** True while a process with that pid runs, whoever owns it; false for a zombie. */
export function isAlive(pid: number): boolean {
  return isTaken(pid) && !isZombie(pid)
}

/** True while that pid is in use, even by a zombie. */
export function isTaken(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return hasErrorCode(error, 'EPERM')
  }
}

// An ended orphan accepts signal 0 until pid 1 reaps it, which pid 1 of a container may never do.
function isZombie(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`)
  return stat !== undefined && stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z')
}

/** Every process with its arguments: from /proc, or from `ps` without one (macOS). */
export function listProcesses(): ListedProcess[] {
  const pids = processFolders()
  if (!pids) return listWithPs()
  return pids.flatMap(pid => {
    const commandLine = read(`/proc/${pid}/cmdline`)
    return commandLine ? [{ pid, argv: commandLine.replace(/\0+$/, '').split('\0') }] : []
  })
}

/** Pids of the processes whose working folder is `folder`; empty without /proc. */
export function processesIn(folder: string): number[] {
  return (processFolders() ?? []).filter(pid => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === folder
    } catch {
      return false
    }
  })
}

/**
 * The start time, which distinguishes processes that had the same pid one after the other.
 * Undefined if there is no such process.
 */
export function startMark(pid: number): string | undefined {
  if (!isAlive(pid)) return undefined
  const stat = read(`/proc/${pid}/stat`)
  // The 22nd field counts clock ticks since boot; the second one may contain spaces, so fields are counted after its closing parenthesis.
  if (stat)
    return `${read('/proc/sys/kernel/random/boot_id')?.trim()}/${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`
  return ps(['-o', 'lstart=', '-p', String(pid)]).trim() || undefined
}

function processFolders(): number[] | undefined {
  try {
    const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name))
    return pids.length > 0 ? pids.map(Number) : undefined
  } catch {
    return undefined
  }
}

function listWithPs(): ListedProcess[] {
  return ps(['-axww', '-o', 'pid=,command='])
    .split('\n')
    .flatMap(line => {
      const match = /^\s*(\d+)\s+(.*)$/.exec(line)
      return match ? [{ pid: Number(match[1]), argv: match[2].trim().split(' ') }] : []
    })
}

function ps(args: string[]): string {
  try {
    return execFileSync('ps', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 64 << 20 })
  } catch {
    return ''
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** CPU seconds of a process so far, without its children; `undefined` if unavailable. */
export function cpuSeconds(pid: number): number | undefined {
  return processTimes(pid)?.own ?? psSeconds(pid)
}

/** CPU seconds of a process and all its children so far, including ended ones. */
export function cpuSecondsWithChildren(parent: number): number | undefined {
  const times = processTimes(parent)
  if (!times) return undefined
  return childTimes(parent).reduce((sum, { own, ended }) => sum + own + ended, times.own + times.ended)
}

/** The pids of a process' children; none if unavailable. */
export function childrenOf(parent: number): number[] {
  return processTimes(parent) ? childTimes(parent).map(({ pid }) => pid) : []
}

function childTimes(parent: number): ProcessTimes[] {
  return readdirSync('/proc').flatMap(name => {
    const child = /^\d+$/.test(name) ? processTimes(Number(name)) : undefined
    return child?.parent === parent ? [child] : []
  })
}

interface ProcessTimes {
  pid: number
  parent: number
  own: number
  /** Of children that were waited for. */
  ended: number
}

// proc_pid_stat(5). The second field may contain spaces, so fields are counted after its closing parenthesis: state, ppid, ...
function processTimes(pid: number): ProcessTimes | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const [user, system, childUser, childSystem] = fields.slice(11, 15) as [number, number, number, number]
    return { pid, parent: fields[1]!, own: (user + system) / tick(), ended: (childUser + childSystem) / tick() }
  } catch {
    return undefined
  }
}

let ticks: number | undefined

/** Clock ticks a second. */
function tick(): number {
  try {
    ticks ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
  } catch {
    ticks = 100
  }
  return ticks
}

// Where there is no /proc (macOS): `[[days-]hours:]minutes:seconds`.
function psSeconds(pid: number): number | undefined {
  try {
    const text = execFileSync('ps', ['-o', 'time=', '-p', String(pid)], { encoding: 'utf8' }).trim()
    const [clock, days = '0'] = text.split('-').toReversed()
    return Number(days) * 86_400 + clock!.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
  } catch {
    return undefined
  }
}

import { readFile } from 'node:fs/promises'

/** Resident bytes of several processes. Shared memory is counted once (PSS), so they can be added. */
export interface Memory {
  all: number
  /** Without shared memory (Postgres' buffers, which fill up to a bound) and mapped files (the broker's indexes of the log). */
  own: number
}

/** Memory of some processes together; processes that end meanwhile count as nothing. `undefined` if unavailable. */
export async function memoryOf(pids: number[]): Promise<Memory | undefined> {
  const known = (await Promise.all(pids.map(memory))).filter(each => each !== undefined)
  if (known.length === 0) return undefined
  const sum = (part: keyof Memory) => known.reduce((total, each) => total + each[part], 0)
  return { all: sum('all'), own: sum('own') }
}

// proc_pid_smaps_rollup(5); in kB, which are KiB. A process that has ended has no lines, but may still have the file.
async function memory(pid: number): Promise<Memory | undefined> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
  const bytes = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(rollup)?.[1]) * 1024
  const found = { all: bytes('Pss'), own: bytes('Pss_Anon') }
  return Number.isNaN(found.all + found.own) ? undefined : found
}

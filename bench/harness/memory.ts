import { readFile } from 'node:fs/promises'

/** Bytes of some processes that are in memory. What they share is counted once (PSS), so they can be added. */
export interface Memory {
  all: number
  /** The part that is shared memory: Postgres' buffers, which fill up to a bound. */
  shared: number
}

/** Memory of some processes together; those that end meanwhile count nothing. `undefined` where nobody tells. */
export async function memoryOf(pids: number[]): Promise<Memory | undefined> {
  const known = (await Promise.all(pids.map(memory))).filter(each => each !== undefined)
  if (known.length === 0) return undefined
  const sum = (part: keyof Memory) => known.reduce((total, each) => total + each[part], 0)
  return { all: sum('all'), shared: sum('shared') }
}

// proc_pid_smaps_rollup(5); in kB, which are KiB.
async function memory(pid: number): Promise<Memory | undefined> {
  try {
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8')
    const bytes = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(rollup)?.[1] ?? 0) * 1024
    return { all: bytes('Pss'), shared: bytes('Pss_Shmem') }
  } catch {
    return undefined
  }
}

import { execFile } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const MIB = 1 << 20
const run = promisify(execFile)

/** A disk in memory that is soon full. */
export class SmallDisk {
  private readonly filler: string

  private constructor(readonly folder: string) {
    this.filler = join(folder, 'filler')
  }

  /** Mounts one; `undefined` where we may not, or where the system knows no tmpfs. */
  static async mount(folder: string, mebibytes: number): Promise<SmallDisk | undefined> {
    mkdirSync(folder, { recursive: true })
    try {
      await run('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=0711`, 'tmpfs', folder])
      return new SmallDisk(folder)
    } catch {
      return undefined
    }
  }

  /** Writes until nothing more fits, also what was freed since it was called last. */
  fill(): void {
    const file = openSync(this.filler, 'a')
    try {
      for (let size = MIB; size >= 1; size /= 16) {
        while (fits(file, Buffer.alloc(size))) continue
      }
    } finally {
      closeSync(file)
    }
  }

  free(): void {
    rmSync(this.filler, { force: true })
  }

  async unmount(): Promise<void> {
    await run('umount', ['-l', this.folder])
  }
}

function fits(file: number, bytes: Buffer): boolean {
  try {
    // A part of it may be written: then the rest does not fit.
    return writeSync(file, bytes) === bytes.length
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    return false
  }
}

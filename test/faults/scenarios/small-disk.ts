import { execFileSync } from 'node:child_process'
import { chmodSync, closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MIB = 1 << 20

/** A disk in memory that is soon full. */
export class SmallDisk {
  private readonly filler: string

  private constructor(readonly folder: string) {
    this.filler = join(folder, 'filler')
  }

  /** Mounts one; `undefined` where we may not, or where the system knows no tmpfs. It goes with this process at the latest. */
  static mount(mebibytes: number): SmallDisk | undefined {
    // Not in a folder of scratch data: what is mounted in there cannot be removed by who sweeps it.
    const folder = mkdtempSync(join(tmpdir(), 'shiplog-disk-'))
    chmodSync(folder, 0o711)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=0711`, 'tmpfs', folder], { stdio: 'ignore' })
    } catch {
      rmdirSync(folder)
      return undefined
    }
    const disk = new SmallDisk(folder)
    process.once('exit', disk.unmount)
    return disk
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

  readonly unmount = (): void => {
    process.off('exit', this.unmount)
    // Who still has files open there does not keep it.
    execFileSync('umount', ['-l', this.folder])
    rmdirSync(this.folder)
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

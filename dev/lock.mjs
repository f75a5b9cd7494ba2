import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Runs `work` under a lock file, so that only one process at a time does. The lock of a dead process is ignored.
 * @param {string} file path of the lock file
 * @param {() => Promise<T>} work runs while the lock is held
 * @param {(pid: number) => void} onWait called once if another process holds the lock
 * @returns {Promise<T>} what `work` returned
 * @template T
 */
export async function withLock(file, work, onWait) {
  mkdirSync(dirname(file), { recursive: true })
  const own = `${file}.${process.pid}`
  writeFileSync(own, String(process.pid))
  let told = false
  for (;;) {
    try {
      linkSync(own, file)
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const pid = holder(file)
    if (pid !== undefined && !told) onWait(pid)
    told ||= pid !== undefined
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  const releaseAll = () => {
    rmSync(file, { force: true })
    rmSync(own, { force: true })
  }
  process.once('exit', releaseAll)
  try {
    return await work()
  } finally {
    process.removeListener('exit', releaseAll)
    releaseAll()
  }
}

// The living process that holds the lock; removes the lock of a dead one.
function holder(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'))
    try {
      process.kill(pid, 0)
      return pid
    } catch (error) {
      if (error.code === 'EPERM') return pid
      rmSync(file, { force: true })
    }
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
  return undefined
}

import { readFileSync } from 'node:fs'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']

// npm forwards Ctrl-C to this process, and the terminal sends it as well: two signals for one key press.
const sameWishMs = 500
const parentEveryMs = 1000

/**
 * Calls `stop` at the first Ctrl-C, SIGTERM or SIGHUP, and `kill` at a later one.
 * The end of the parent npm counts as a signal: if its shell dies without forwarding the signal, nothing else
 * indicates it.
 * @param {(reason: string) => void} stop stops everything gracefully
 * @param {() => void} kill stops everything immediately
 */
export function onStopSignals(stop, kill) {
  let first
  const wish = reason => {
    const now = Date.now()
    if (first === undefined) {
      first = now
      stop(reason)
    } else if (now - first > sameWishMs) {
      kill()
    }
  }
  for (const signal of signals) process.on(signal, () => wish(signal))

  if (!process.env.npm_lifecycle_event) return
  const before = parents()
  const watch = setInterval(() => {
    if (parents() === before) return
    clearInterval(watch)
    wish('the end of npm')
  }, parentEveryMs)
  watch.unref()
}

// The parent, and the grandparent if the parent is a shell: npm starts a shell for the script, which may stay between npm and this process
// and outlive a killed npm. The ancestors above are the user's own shells, whose end is irrelevant.
function parents() {
  const shell = stat(process.ppid)
  return shell && /^(sh|bash|dash|ash)$/.test(shell.name) ? `${process.ppid} ${shell.parent}` : String(process.ppid)
}

function stat(pid) {
  try {
    const [, name, parent] = /^\d+ \((.*)\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    return { name, parent }
  } catch {
    return undefined
  }
}

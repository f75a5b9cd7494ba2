import { readFileSync } from 'node:fs'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']

// npm passes Ctrl-C on to us, and the terminal sends it to us as well: two signals, one wish.
const sameWishMs = 500
const parentEveryMs = 1000

/**
 * Calls `stop` at the first Ctrl-C, SIGTERM or SIGHUP, and `kill` when there is another one later.
 * The end of the npm that runs us counts as a signal: where its shell dies without passing the signal on, nothing else
 * would tell us.
 * @param {(reason: string) => void} stop ends everything in an orderly way
 * @param {() => void} kill ends everything at once
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

// Who runs us, and whoever runs that where it is a shell: npm starts a shell for the script, which may stay in between
// and outlives a killed npm. Farther up are the user's own shells, which may end as they like.
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

import { spawn } from 'node:child_process'

const lifeEveryMs = 10_000
const frames = ['|', '/', '-', '\\']
const children = new Set()

// However this process ends, except by SIGKILL, its children end with it.
process.on('exit', () => {
  for (const child of children) endGroup(child, 'SIGKILL')
})

/**
 * Prints the title, shows progress while the work runs, and prints how long it took.
 * @param {string} title what the step does, for people
 * @param {() => Promise<T>} work the step
 * @returns {Promise<T>} what `work` returned
 * @template T
 */
export async function step(title, work) {
  const since = Date.now()
  console.log(`${title} ...`)
  const endLife = showLife(title, since)
  try {
    return await work()
  } finally {
    endLife()
    console.log(`${title}: ${seconds(since)}`)
  }
}

/** How long ago `since` (ms since 1970) was: "1.2 s". */
export function seconds(since) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`
}

/**
 * Runs a program to its end.
 * @param {string} command program
 * @param {string[]} args its arguments
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, show?: boolean }} options show: print the output instead of returning it
 * @returns {Promise<{ code: number | null, output: string }>} code: null if a signal ended it; rejects if it cannot be started
 */
export function run(command, args, { env = process.env, cwd, show = false } = {}) {
  const { child, ended } = start(command, args, { env, cwd, stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'] })
  const chunks = []
  child.stdout?.on('data', chunk => chunks.push(chunk))
  child.stderr?.on('data', chunk => chunks.push(chunk))
  return ended.then(code => ({ code, output: Buffer.concat(chunks).toString('utf8') }))
}

/**
 * Starts a program in a process group of its own, so that its own children (of npm, Jest's workers) can be ended with it.
 * @returns {{ child: import('node:child_process').ChildProcess, ended: Promise<number | null>, end: (signal: NodeJS.Signals) => void }}
 */
export function start(command, args, options) {
  const child = spawn(command, args, { ...options, detached: true })
  children.add(child)
  const ended = new Promise((resolve, reject) => {
    child.once('error', error => {
      children.delete(child)
      reject(error)
    })
    child.once('close', code => {
      children.delete(child)
      resolve(code)
    })
  })
  return { child, ended, end: signal => endGroup(child, signal) }
}

function endGroup(child, signal) {
  try {
    process.kill(-child.pid, signal)
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

function showLife(title, since) {
  if (!process.stdout.isTTY) {
    const timer = setInterval(() => console.log(`  still running: ${title} (${seconds(since)})`), lifeEveryMs)
    return () => clearInterval(timer)
  }
  let frame = 0
  const timer = setInterval(() => process.stdout.write(`\r${frames[frame++ % frames.length]} `), 100)
  return () => {
    clearInterval(timer)
    process.stdout.write('\r')
  }
}

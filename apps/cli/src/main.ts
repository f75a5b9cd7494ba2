import { run } from './run.js'

const stopping = new AbortController()
// The second one ends the process at once: nothing is lost by that either.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort())

process.exit(await run(process.argv.slice(2), process.env, stopping.signal))

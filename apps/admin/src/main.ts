#!/usr/bin/env node
import { run } from './run.js'

const signals = ['SIGINT', 'SIGTERM'] as const
const stopping = new AbortController()

// A second signal ends the process at once: nothing is lost by that either.
function stop(): void {
  for (const signal of signals) process.off(signal, stop)
  stopping.abort()
}
for (const signal of signals) process.on(signal, stop)

process.exit(await run(process.argv.slice(2), process.env, stopping.signal))

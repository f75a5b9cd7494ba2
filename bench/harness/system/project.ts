import { dirname } from 'node:path'

/** The folder of the project; this file runs from dist/bench/harness/system. */
export const project = dirname(dirname(dirname(dirname(import.meta.dirname))))

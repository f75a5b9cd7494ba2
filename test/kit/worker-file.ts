import { compiledWorker } from './compiled-worker.js'

/** The worker of key schemas, compiled for tests. */
export const workerFile = compiledWorker('libs/key-schemas/src/worker.ts', ['libs/key-schemas/src'])

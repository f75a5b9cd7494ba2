import { compiledWorker } from './compiled-worker.js'

const folder = 'apps/command/src/configuration/file'

/** The worker of configuration files, compiled for tests. */
export const fileWorker = compiledWorker(`${folder}/file-task.ts`, [folder, 'libs/contracts/src'])

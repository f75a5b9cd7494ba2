export { QueueBusy } from './fair-queue.js'
export { TaskCutOff, WorkerPool, type WorkerPoolOptions, type WorkerTurn } from './worker-pool.js'

export { FairQueue, QueueBusy } from './fair-queue.js'

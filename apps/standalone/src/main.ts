import { runProcess } from '#libs/operations'
import { startStandalone } from './start.js'

await runProcess(() => startStandalone(process.env))

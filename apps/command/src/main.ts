import { runHttpApp } from '#libs/http'
import { CommandModule } from './command.module.js'

await runHttpApp('command', { module: CommandModule })

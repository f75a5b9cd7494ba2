import { runHttpApp } from '#libs/http'
import { QueryModule } from './query.module.js'

await runHttpApp('query', { module: QueryModule })

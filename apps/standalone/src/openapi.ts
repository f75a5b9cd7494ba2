import { describeHttpApp } from '#libs/http'
import { Logger, readSettings } from '#libs/operations'
import { StandaloneModule } from './standalone.module.js'

// Prints the OpenAPI document; connects to nothing. `npm run openapi` uses it.
const settings = readSettings({ DATABASE_URL: 'postgres://localhost/none', KAFKA_BROKERS: 'localhost:9092' })
const log = Logger.create({ app: 'openapi', level: 'silent' })
const document = await describeHttpApp({ module: StandaloneModule.register(), settings, log })
process.stdout.write(`${JSON.stringify(document, null, 2)}\n`)

import { writeFileSync } from 'node:fs'
import { describeHttpApp } from '#libs/http'
import { Logger, readSettings } from '#libs/operations'
import { StandaloneModule } from './standalone.module.js'

// `npm run openapi`: writes the OpenAPI document to the file that the argument names. Connects to nothing.
const settings = readSettings({ DATABASE_URL: 'postgres://localhost/none', KAFKA_BROKERS: 'localhost:9092' })
const log = Logger.create({ app: 'openapi', level: 'silent' })
const document = await describeHttpApp({ module: StandaloneModule.register(), settings, log })
writeFileSync(process.argv[2]!, `${JSON.stringify(document, null, 2)}\n`)

// npm start: the embedded servers, and the standalone app in this process. `npm start -- --demo` adds a made-up history.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bootstrap, dataFolder, project, Refusal } from './bootstrap.mjs'
import { onStopSignals } from './signals.mjs'
import { seconds, step } from './steps.mjs'

// An app that does not finish draining must not prevent the servers from being stopped.
const drainMs = 15_000
const since = Date.now()
const starting = new AbortController()
let app
let stack
let stackStarts
let stopping = false

onStopSignals(
  reason => void stop(`Stopping (${reason}); repeat to kill`, 0),
  () => process.exit(137),
)
process.on('uncaughtException', error => {
  console.error(error)
  void stop('Stopping after a failure', 1)
})

try {
  await start()
} catch (error) {
  if (!stopping) {
    console.error(inWords(error))
    await stop('Stopping', 1)
  }
}

async function start() {
  const wantsDemo = readArguments()
  const dev = await bootstrap()
  if (stopping) return
  stackStarts = dev.startStack({
    data: dataFolder,
    kafkaBrokers: process.env.KAFKA_BROKERS,
    databaseUrl: process.env.DATABASE_URL,
    onProgress: console.log,
    signal: starting.signal,
  })
  stack = await stackStarts
  const environment = {
    ...process.env,
    PORT: process.env.PORT || '8888',
    KAFKA_BROKERS: stack.kafka.brokers,
    DATABASE_URL: stack.postgres.url,
    SHIPLOG_DATA: dataFolder,
    SHIPLOG_TOPIC: process.env.SHIPLOG_TOPIC || 'shiplog.events.v1',
  }
  // The key belongs to the log in the data folder, whose secrets it encrypts.
  if (stack.kafka.pid) environment.SHIPLOG_SECRETS_KEY ||= dev.secretsKey(dataFolder)
  app = await step('Starting Shiplog', async () => {
    const { startStandalone } = await import(compiled('apps', 'standalone', 'src', 'start.js'))
    return startStandalone(environment)
  })
  if (stopping) return
  dev.writeEndpoints(dataFolder, {
    url: app.url,
    kafka: stack.kafka.brokers,
    postgres: stack.postgres.url,
    topic: environment.SHIPLOG_TOPIC,
    pids: { app: process.pid, kafka: stack.kafka.pid, postgres: stack.postgres.pid },
  })
  if (wantsDemo) {
    const { loadDemo } = await import(compiled('dev', 'src', 'demo', 'demo.js'))
    await step('Loading the demo', () => loadDemo(app.url))
  }
  sayHowToUseIt(app.url)
}

function readArguments() {
  const unknown = process.argv.slice(2).filter(argument => argument !== '--demo')
  if (unknown.length > 0) throw new Refusal(`Unknown option ${unknown.join(' ')}: npm start accepts only --demo.`)
  return process.argv.includes('--demo')
}

function compiled(...path) {
  const file = join(project, 'dist', ...path)
  if (!existsSync(file))
    throw new Refusal(`The build did not produce ${join('dist', ...path)}: remove dist and start again.`)
  return pathToFileURL(file).href
}

async function stop(why, code) {
  if (stopping) return
  stopping = true
  const stopSince = Date.now()
  starting.abort()
  // The caller that awaits it reports its failure.
  await stackStarts?.catch(() => {})
  if (stack) console.log(`\n${why}`)
  try {
    await Promise.race([app?.close(), new Promise(resolve => setTimeout(resolve, drainMs).unref())])
  } catch (error) {
    console.error(error)
    code = 1
  }
  await stack?.stop()
  if (stack) console.log(`Stopped in ${seconds(stopSince)}`)
  process.exit(code)
}

function inWords(error) {
  if (error instanceof Refusal || error?.name === 'DataInUse') return error.message
  if (error?.code === 'EADDRINUSE') return `Port ${error.port} is already in use: set PORT to another one.`
  return error
}

function sayHowToUseIt(url) {
  const deployments = `${url}/api/v1/platform/deployments`
  const body = JSON.stringify({ application: 'checkout', environment: 'production', imageTag: 'v1.0.0' })
  console.log(`
Shiplog is running on ${url} (started in ${seconds(since)}). Ctrl-C stops it; the data is kept in ${dataFolder}.
API documentation: ${url}/docs

Record a deployment:   curl -X POST ${deployments} -H 'content-type: application/json' -d '${body}'
Show the history:      curl '${deployments}/history?environment=production'
Show what is active:   curl ${deployments}/current
`)
}

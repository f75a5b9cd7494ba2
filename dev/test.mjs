// npm test, npm run test:chaos, npm run test:full: `[--tiers=NAME,NAME] [arguments for Jest]`. With arguments for Jest, Jest runs alone.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bootstrap, project, Refusal } from './bootstrap.mjs'
import { checkStatically } from './checks.mjs'
import { onStopSignals } from './signals.mjs'
import { seconds, start } from './steps.mjs'
import { tiers } from './tiers.mjs'

const { names, jestArguments } = readArguments(process.argv.slice(2))
// How long Jest may take to exit once its results are written: a handle that a test left open keeps it running.
const jestEndMs = 5_000
// Most objects of a test file die with it: a larger young generation (MiB) saves a tenth of the processor time. Workers inherit it.
const NODE = ['--max-semi-space-size=64']
const javaOptions = process.env.JDK_JAVA_OPTIONS ?? ''
let starting = new AbortController()
let stackStarts
let removeData = () => {}

onStopSignals(
  () => void stopServers().finally(() => process.exit(130)),
  () => process.exit(137),
)
process.on('exit', () => removeData())

try {
  const dev = await bootstrap()
  const results = []
  for (const name of names) results.push(...(await runTier(dev, name)))
  process.exitCode = summarise(results)
} catch (error) {
  if (!starting.signal.aborted) console.error(error instanceof Refusal ? error.message : error)
  process.exitCode = 1
  await stopServers()
}
process.exit()

function readArguments([first = '', ...others]) {
  const chosen = /^--tiers=(.+)$/.exec(first)?.[1]
  const names = chosen?.split(',') ?? ['test']
  const unknown = names.find(name => !(name in tiers))
  if (unknown === undefined) return { names, jestArguments: chosen || first === '' ? others : [first, ...others] }
  console.error(`there is no tier ${unknown}: use ${Object.keys(tiers).join(', ')}`)
  process.exit(2)
}

async function runTier(dev, name) {
  const { checks, projects, workers, postgres, java, environment, limitMinutes } = tiers[name]
  const since = Date.now()
  setJavaOptions(java)
  const data = await startServers(dev, postgres)
  // The checks keep the processors busy until the servers have started.
  const checking = checks && jestArguments.length === 0 ? checkStatically() : []
  const stack = await stackStarts
  const env = {
    ...process.env,
    ...environment,
    KAFKA_BROKERS: stack.kafka.brokers,
    DATABASE_URL: stack.postgres.url,
    // A database of its own server can be made once and copied.
    ...(!process.env.DATABASE_URL && { SHIPLOG_TEST_TEMPLATE: 'shiplog_test_template' }),
  }
  const tests = await runJest(
    jestArguments.includes('--selectProjects') ? { name: 'jest', selection: [] } : selectionOf(projects, workers),
    env,
    join(data, 'jest.json'),
  )
  const results = [...(await checking), tests]
  await stopServers()
  removeData()
  if (jestArguments.length === 0) console.log(`${name}: ${seconds(since)}, of ${limitMinutes * 60} s at most\n`)
  return results
}

// The launcher of Java reads this variable, so that brokers that a test starts have the options too.
function setJavaOptions(options = '') {
  process.env.JDK_JAVA_OPTIONS = `${javaOptions} ${options}`.trim()
}

function selectionOf(projects, workers) {
  const parallel = workers === 1 ? '--runInBand' : `--maxWorkers=${workers}`
  return { name: projects.join(', '), selection: [parallel, '--selectProjects', ...projects] }
}

async function startServers(dev, postgresSettings) {
  starting = new AbortController()
  await dev.sweepScratchData()
  const data = dev.makeScratchData()
  removeData = () => dev.removeData(data)
  stackStarts = dev.startStack({
    data,
    // Never the default ports, which a running Shiplog may use.
    kafkaPort: 0,
    postgresPort: 0,
    kafkaBrokers: process.env.KAFKA_BROKERS,
    databaseUrl: process.env.DATABASE_URL,
    postgresSettings,
    onProgress: console.log,
    signal: starting.signal,
  })
  // It is awaited later; until then a failure must not count as unhandled.
  stackStarts.catch(() => {})
  return data
}

async function stopServers() {
  starting.abort()
  const stack = await stackStarts?.catch(() => {})
  await stack?.stop()
}

async function runJest({ name, selection }, env, outputFile) {
  const since = Date.now()
  const jest = join(project, 'node_modules', 'jest', 'bin', 'jest.js')
  const report = ['--passWithNoTests', '--json', '--outputFile', outputFile]
  // Jest writes its JSON to the file and to stdout.
  const { ended, end } = start(process.execPath, [...NODE, jest, ...jestArguments, ...report, ...selection], {
    cwd: project,
    env,
    stdio: ['inherit', 'ignore', 'inherit'],
  })
  const code = await Promise.race([ended, hung(outputFile)])
  if (code === 'hung') {
    console.error(
      `${name}: Jest has finished but does not exit, since a test leaves a handle open (--detectOpenHandles finds it)`,
    )
    end('SIGKILL')
    await ended
  }
  const { passed, failed, skipped } = numbersOf(outputFile)
  const alsoFailed = code === 'hung' || (code !== 0 && failed === 0) ? 1 : 0
  return { name, passed, failed: failed + alsoFailed, skipped, took: seconds(since) }
}

async function hung(outputFile) {
  while (!existsSync(outputFile)) await new Promise(resolve => setTimeout(resolve, 200).unref())
  return new Promise(resolve => setTimeout(resolve, jestEndMs, 'hung').unref())
}

// A test file that could not be run has no failed tests: it counts as one failure.
function numbersOf(outputFile) {
  if (!existsSync(outputFile)) return { passed: 0, failed: 0, skipped: 0 }
  const numbers = JSON.parse(readFileSync(outputFile, 'utf8'))
  return {
    passed: numbers.numPassedTests,
    failed: numbers.numFailedTests + numbers.numRuntimeErrorTestSuites,
    skipped: numbers.numPendingTests + numbers.numTodoTests,
  }
}

function summarise(results) {
  const total = kind => results.reduce((sum, result) => sum + result[kind], 0)
  const skippedOf = count => (count > 0 ? `, ${count} skipped` : '')
  for (const { name, took, passed, failed, skipped } of results) {
    console.log(`${name.padEnd(22)} ${took.padStart(8)}   ${passed} passed, ${failed} failed${skippedOf(skipped)}`)
  }
  if (total('skipped') > 0) console.log(`${total('skipped')} skipped`)
  console.log(`${total('passed')} passed, ${total('failed')} failed`)
  return total('failed') === 0 ? 0 : 1
}

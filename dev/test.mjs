// npm test: everything that must hold. `npm test -- <arguments for Jest>` runs Jest alone.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bootstrap, project, Refusal } from './bootstrap.mjs'
import { onStopSignals } from './signals.mjs'
import { run, seconds, start } from './steps.mjs'

const jestArguments = process.argv.slice(2)
// How long Jest may take to end once its results are written: a handle that a test left open keeps it for ever.
const jestEndMs = 5_000
const results = []
const starting = new AbortController()
let stackStarts
let removeData = () => {}

onStopSignals(
  () => void stopServers().finally(() => process.exit(130)),
  () => process.exit(137),
)
process.on('exit', () => removeData())

try {
  const dev = await bootstrap()
  const data = await startServers(dev)
  if (jestArguments.length === 0) await checkStatically()
  await runJest(data, await stackStarts)
  await stopServers()
  process.exitCode = summarise()
} catch (error) {
  if (!starting.signal.aborted) console.error(error instanceof Refusal ? error.message : error)
  process.exitCode = 1
  await stopServers()
}
process.exit()

async function checkStatically() {
  const tool = (name, ...path) => [process.execPath, [join(project, 'node_modules', name, ...path)]]
  const checks = [
    ['lint', tool('oxlint', 'bin', 'oxlint'), []],
    ['format', tool('prettier', 'bin', 'prettier.cjs'), ['--check', '--log-level', 'warn', '.']],
    ['types', tool('typescript', 'bin', 'tsc'), ['--noEmit', '-p', 'tsconfig.json']],
    ['boundaries', tool('dependency-cruiser', 'bin', 'dependency-cruise.mjs'), boundaries()],
    ['unused', tool('knip', 'bin', 'knip.js'), []],
  ]
  // Each keeps one processor busy at most.
  const checked = checks.map(async ([name, [command, script], args]) => {
    const since = Date.now()
    const { code, output } = await run(command, [...script, ...args], { cwd: project })
    const passed = code === 0
    console.log(`${name}: ${passed ? 'passed' : 'failed'}, ${seconds(since)}`)
    if (!passed) console.log(output.trim())
    return { name, passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0, took: seconds(since) }
  })
  results.push(...(await Promise.all(checked)))
}

function boundaries() {
  const folders = ['apps', 'libs', 'dev', 'test', 'bench'].filter(folder => existsSync(join(project, folder)))
  return ['--config', '.dependency-cruiser.mjs', ...folders]
}

// They start while the static checks run.
async function startServers(dev) {
  await dev.sweepScratchData()
  const data = dev.makeScratchData()
  removeData = () => dev.removeData(data)
  stackStarts = dev.startStack({
    data,
    // Never the ports of a Shiplog that runs beside the tests.
    kafkaPort: 0,
    postgresPort: 0,
    kafkaBrokers: process.env.KAFKA_BROKERS,
    databaseUrl: process.env.DATABASE_URL,
    onProgress: console.log,
    signal: starting.signal,
  })
  // Awaited later: until then a failure is not an unhandled one.
  stackStarts.catch(() => {})
  return data
}

async function stopServers() {
  starting.abort()
  const stack = await stackStarts?.catch(() => {})
  await stack?.stop()
}

async function runJest(data, stack) {
  const env = { ...process.env, KAFKA_BROKERS: stack.kafka.brokers, DATABASE_URL: stack.postgres.url }
  // End-to-end tests kill processes and look at what the servers hold: one file at a time.
  const runs = jestArguments.includes('--selectProjects')
    ? [['jest', []]]
    : [
        ['unit and integration', ['--selectProjects', 'unit', 'integration']],
        ['e2e', ['--runInBand', '--selectProjects', 'api', 'chaos', 'full']],
      ]
  for (const [name, selection] of runs) {
    const outputFile = join(data, `jest-${results.length}.json`)
    const report = ['--passWithNoTests', '--json', '--outputFile', outputFile]
    await runJestOnce(name, [...jestArguments, ...report, ...selection], env, outputFile)
  }
}

async function runJestOnce(name, args, env, outputFile) {
  const since = Date.now()
  const jest = join(project, 'node_modules', 'jest', 'bin', 'jest.js')
  // Its JSON goes to the file; stdout would repeat it.
  const { ended, end } = start(process.execPath, [jest, ...args], {
    cwd: project,
    env,
    stdio: ['inherit', 'ignore', 'inherit'],
  })
  const code = await Promise.race([ended, hung(outputFile)])
  if (code === 'hung') {
    console.error(
      `${name}: Jest has its results and does not end: a test leaves something open (--detectOpenHandles says what)`,
    )
    end('SIGKILL')
    await ended
  }
  const { passed, failed, skipped } = numbersOf(outputFile)
  const alsoFailed = code === 'hung' || (code !== 0 && failed === 0) ? 1 : 0
  results.push({ name, passed, failed: failed + alsoFailed, skipped, took: seconds(since) })
}

async function hung(outputFile) {
  while (!existsSync(outputFile)) await new Promise(resolve => setTimeout(resolve, 200).unref())
  return new Promise(resolve => setTimeout(resolve, jestEndMs, 'hung').unref())
}

// A test file that could not be run at all has no tests that failed: it counts as one.
function numbersOf(outputFile) {
  if (!existsSync(outputFile)) return { passed: 0, failed: 0, skipped: 0 }
  const numbers = JSON.parse(readFileSync(outputFile, 'utf8'))
  return {
    passed: numbers.numPassedTests,
    failed: numbers.numFailedTests + numbers.numRuntimeErrorTestSuites,
    skipped: numbers.numPendingTests + numbers.numTodoTests,
  }
}

function summarise() {
  const total = kind => results.reduce((sum, result) => sum + result[kind], 0)
  const line = ({ passed, failed, skipped }) =>
    `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
  console.log()
  for (const result of results) console.log(`${result.name.padEnd(22)} ${result.took.padStart(8)}   ${line(result)}`)
  const all = { passed: total('passed'), failed: total('failed'), skipped: total('skipped') }
  console.log(line(all))
  return all.failed === 0 ? 0 : 1
}

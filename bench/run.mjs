// npm run bench: everything, or `npm run bench -- append import projector` some of it; `--quick` to see that it works.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bootstrap, project, Refusal } from '../dev/bootstrap.mjs'
import { onStopSignals } from '../dev/signals.mjs'
import { run } from '../dev/steps.mjs'

// What is printed to stdout is the result alone, so that it can be sent to a file.
console.log = console.error

let stop = async () => {}
onStopSignals(
  () => void stop().finally(() => process.exit(130)),
  () => process.exit(137),
)

try {
  await bootstrap()
  await compile()
  const { runBenchmarks } = await import(pathToFileURL(join(project, 'dist', 'bench', 'main.js')).href)
  process.exitCode = await runBenchmarks(process.argv.slice(2), stopAll => (stop = stopAll))
} catch (error) {
  console.error(error instanceof Refusal || error.name === 'UsageError' ? error.message : error)
  process.exitCode = 1
} finally {
  await stop()
}
process.exit()

async function compile() {
  const swc = join(project, 'node_modules', '@swc', 'cli', 'bin', 'swc.js')
  const args = ['bench', '--out-dir', 'dist', '--config-file', '.swcrc', '--ignore', 'bench/peers/**,bench/run.mjs']
  const { code, output } = await run(process.execPath, [swc, ...args], { cwd: project })
  if (code !== 0) throw new Refusal(`Compiling the benchmarks failed:\n${output.trim()}`)
}

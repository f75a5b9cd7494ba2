// npm run faults: the log can't lie. `-- --seed 1 --seconds 300 --only KIND[,KIND]`, `-- --list`.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bootstrap, project, Refusal } from '../../dev/bootstrap.mjs'
import { onStopSignals } from '../../dev/signals.mjs'
import { run } from '../../dev/steps.mjs'

// What is printed to stdout is the result alone, so that it can be sent to a file.
console.log = console.error

let stop = () => process.exit(130)
onStopSignals(
  () => stop(),
  () => process.exit(137),
)

try {
  await bootstrap()
  await compile()
  const { prove } = await import(pathToFileURL(join(project, 'dist', 'test', 'faults', 'main.js')).href)
  process.exitCode = await prove(process.argv.slice(2), end => (stop = end))
} catch (error) {
  console.error(error instanceof Refusal || error.name === 'UsageError' ? error.message : error)
  process.exitCode = 1
}
process.exit()

async function compile() {
  const swc = join(project, 'node_modules', '@swc', 'cli', 'bin', 'swc.js')
  const args = ['test', '--out-dir', 'dist', '--config-file', '.swcrc', '--ignore', '**/*spec.ts,**/run.mjs']
  const { code, output } = await run(process.execPath, [swc, ...args], { cwd: project })
  if (code !== 0) throw new Refusal(`Compiling the proof failed:\n${output.trim()}`)
}

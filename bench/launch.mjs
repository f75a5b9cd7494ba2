import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bootstrap, project, Refusal } from '../dev/bootstrap.mjs'
import { onStopSignals } from '../dev/signals.mjs'
import { run } from '../dev/steps.mjs'

/**
 * Installs and builds, and ends this process with the exit code that a compiled module of bench/ returns.
 * @param {string} module its file below dist/bench
 * @param {string} main the function that it exports: `(args, onStart) => Promise<number>`
 */
export async function launch(module, main) {
  // stdout contains only the result, so that it can be redirected to a file.
  console.log = console.error
  let stop = async () => {}
  onStopSignals(
    () => void stop().finally(() => process.exit(130)),
    () => process.exit(137),
  )
  try {
    await bootstrap()
    await compile()
    const compiled = await import(pathToFileURL(join(project, 'dist', 'bench', module)).href)
    process.exitCode = await compiled[main](process.argv.slice(2), stopAll => (stop = stopAll))
  } catch (error) {
    console.error(error instanceof Refusal || error.name === 'UsageError' ? error.message : error)
    process.exitCode = 1
  } finally {
    await stop()
  }
  process.exit()
}

async function compile() {
  const swc = join(project, 'node_modules', '@swc', 'cli', 'bin', 'swc.js')
  const ignored = 'bench/peers/**,bench/**/*.mjs,bench/**/*.spec.ts'
  // Tests and benchmarks share the shapes.
  const args = ['bench', 'test/specs/shapes', '--out-dir', 'dist', '--config-file', '.swcrc', '--ignore', ignored]
  const { code, output } = await run(process.execPath, [swc, ...args], { cwd: project })
  if (code !== 0) throw new Refusal(`Compiling the benchmarks failed:\n${output.trim()}`)
}

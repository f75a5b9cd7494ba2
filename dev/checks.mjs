import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { project } from './bootstrap.mjs'
import { run, seconds } from './steps.mjs'

/** Runs the static checks concurrently, prints the result of each, and returns them. */
export async function checkStatically() {
  const folders = ['apps', 'libs', 'dev', 'test', 'bench'].filter(folder => existsSync(join(project, folder)))
  const tool = (name, ...path) => join(project, 'node_modules', name, ...path)
  const checks = [
    ['lint', tool('oxlint', 'bin', 'oxlint')],
    ['format', tool('prettier', 'bin', 'prettier.cjs'), '--check', '--log-level', 'warn', '.'],
    ['types', tool('typescript', 'bin', 'tsc'), '--noEmit', '-p', 'tsconfig.json'],
    [
      'dependencies',
      tool('dependency-cruiser', 'bin', 'dependency-cruise.mjs'),
      '--config',
      '.dependency-cruiser.mjs',
      ...folders,
    ],
    ['structure', join(project, 'dev', 'structure.mjs')],
    ['unused', tool('knip', 'bin', 'knip.js')],
  ]
  // Each keeps one processor busy at most.
  return Promise.all(checks.map(([name, script, ...args]) => check(name, script, args)))
}

async function check(name, script, args) {
  const since = Date.now()
  const { code, output } = await run(process.execPath, [script, ...args], { cwd: project })
  const passed = code === 0
  console.log(`${name}: ${passed ? 'passed' : 'failed'}, ${seconds(since)}`)
  if (!passed) console.log(output.trim())
  return { name, passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0, took: seconds(since) }
}

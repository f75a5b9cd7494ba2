import { answers } from './answers/answers.js'
import { append } from './append/append.js'
import { diff } from './diff/diff.js'
import type { Benchmark } from './harness/report/bench.js'
import { machineLines } from './harness/system/machine.js'
import { comparisonTable, subjectTable, type Result } from './harness/report/report.js'
import { Servers } from './harness/system/servers.js'
import { bulkImport } from './import/import.js'
import { readOptions } from './options.js'
import { projector } from './projector/projector.js'
import { reads } from './reads/reads.js'
import { rebuild } from './rebuild/rebuild.js'
import { shapes } from './shapes/shapes.js'

const benchmarks: Record<string, Benchmark> = {
  append,
  import: bulkImport,
  projector,
  reads,
  diff,
  answers,
  rebuild,
  shapes,
}

/**
 * Runs benchmarks and prints the results as Markdown.
 * @param args as `readOptions` reads them
 * @param onStart receives a function that stops everything, before anything is started
 * @returns the exit code: 0 even if targets are missed, since they depend on the machine
 */
export async function runBenchmarks(args: string[], onStart: (stop: () => Promise<void>) => void): Promise<number> {
  const { names, quick, ...sizes } = readOptions(args, Object.keys(benchmarks))
  const starting = new AbortController()
  const started = Date.now()
  const serversStart = Servers.start(say, starting.signal)
  onStart(async () => {
    starting.abort()
    await (await serversStart.catch(() => undefined))?.stop()
  })
  const servers = await serversStart
  const rounds = quick ? 2 : 5
  const results: Result[] = []
  for (const [name, benchmark] of Object.entries(benchmarks)) {
    if (names.length > 0 && !names.includes(name)) continue
    say(name)
    results.push(await benchmark({ servers, rounds, quick, ...sizes, say }))
  }
  const machine = await machineLines(servers)
  print(results, [...machine, ...howOften(rounds, quick, started)])
  return 0
}

function howOften(rounds: number, quick: boolean, started: number): string[] {
  const minutes = ((Date.now() - started) / 60_000).toFixed(1)
  const lines = [
    `Median (min–max) of ${rounds} alternating rounds after a warm-up, CHECKPOINT before each, rows counted after each, unless a note says otherwise; ${minutes} minutes.`,
  ]
  return quick ? ['**Quick run: the rounds are too short for figures.**', ...lines] : lines
}

function print(results: Result[], conditions: string[]): void {
  const blocks = [
    conditions,
    ...(results.some(({ comparisons }) => comparisons.length > 0) ? [comparisonTable(results)] : []),
    ...(results.some(({ measured }) => measured.length > 0) ? [subjectTable(results)] : []),
    ...results.flatMap(({ tables = [] }) => tables),
    results.flatMap(({ notes }) => notes.map(note => `- ${note}`)),
  ]
  process.stdout.write(`${blocks.map(lines => lines.join('\n')).join('\n\n')}\n`)
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

import { PassThrough, type Readable, type Writable } from 'node:stream'
import type { ImportResult } from '#libs/api'
import { formatPositions } from '#libs/contracts'
import type { Deployment } from '#libs/domain'
import { type HttpProblem, problemOf, rejectionProblem } from '#libs/http'
import type { Ledger, CommandResult } from '#libs/ledger'
import type { Logger, Metrics } from '#libs/operations'
import { commandUrl } from '../commands/command-response.js'
import { recordOf } from '../deployment/deployment-response.js'
import { type ImportContext, LINE_LIMIT, readLine } from './import-line.js'
import { isBlank, type Line, LineSplitter } from './line-splitter.js'
import { ReorderBuffer } from './reorder-buffer.js'
import { RetryingSubmitter } from './retrying-submitter.js'

/** Limit of the lines in progress, in bytes. */
const WINDOW_BYTES = 2 * 1024 * 1024

export interface ImportParts {
  ledger: Pick<Ledger, 'execute'>
  metrics: Metrics
  log: Logger
  /** Aborted when the process stops: no more lines are read. */
  stopping: AbortSignal
  /** The present limit of lines in progress. */
  mostLines(): number
  /** Limit of the wait for more bytes, in milliseconds. */
  idleMs: number
  /** Called before the first result is written. */
  begin(): void
}

/** How an import ended. `cut`: lines may be unread; `late`: the same, because no more bytes arrived in time. */
export type ImportEnd = 'complete' | 'cut' | 'late'

class LateBody extends Error {}

/**
 * Imports a stream of lines and writes their results in order. It reads no faster than the ledger decides and the client reads results,
 * so its memory does not grow with the file. Resolves when every line that was read has a result, also after the connection or the
 * process ended.
 */
export async function importDeployments(
  source: Readable,
  sink: Writable,
  context: ImportContext,
  parts: ImportParts,
): Promise<ImportEnd> {
  const window = new ReorderBuffer<ImportResult>(parts.mostLines, WINDOW_BYTES)
  const reading = readLines(source, window, context, parts).finally(() => window.end())
  const writing = writeResults(window, sink, parts)
  const [end] = await Promise.all([reading, writing])
  return end
}

async function readLines(
  source: Readable,
  window: ReorderBuffer<ImportResult>,
  context: ImportContext,
  parts: ImportParts,
): Promise<ImportEnd> {
  const { stopping, log, idleMs } = parts
  const ledger = new RetryingSubmitter(parts.ledger, stopping, log)
  const splitter = new LineSplitter(LINE_LIMIT)
  const submit = async (lines: Line[]) => {
    for (const line of lines) {
      if (isBlank(line)) continue
      await window.room()
      await ledger.ready()
      if (stopping.aborted) return
      window.add(lineResult(line, context, ledger, log), line.bytes?.length ?? 0)
    }
  }
  try {
    for await (const chunk of withinTime(untilStopped(source, stopping), idleMs)) await submit(splitter.push(chunk))
    if (!stopping.aborted) await submit(splitter.end())
    return stopping.aborted ? 'cut' : 'complete'
  } catch (error) {
    log.info('import interrupted', { event: 'import.interrupted', reason: (error as Error).message })
    return error instanceof LateBody ? 'late' : 'cut'
  }
}

/** The chunks of a stream. Throws LateBody if the next one does not arrive in time. */
async function* withinTime(chunks: Readable, withinMs: number): AsyncGenerator<Buffer> {
  const late = () => chunks.destroy(new LateBody(`no data arrived for ${withinMs / 1000} s`))
  let timer = setTimeout(late, withinMs)
  try {
    for await (const chunk of chunks) {
      // Time that we spend on a chunk is not the client's.
      clearTimeout(timer)
      yield chunk as Buffer
      timer = setTimeout(late, withinMs)
    }
  } finally {
    clearTimeout(timer)
  }
}

/** The stream until it ends or the process stops. It is not destroyed: that would destroy the response too. */
function untilStopped(source: Readable, stopping: AbortSignal): Readable {
  const chunks = new PassThrough()
  const stop = () => {
    source.unpipe(chunks)
    chunks.end()
  }
  source.on('error', error => chunks.destroy(error))
  source.on('close', () => {
    stopping.removeEventListener('abort', stop)
    if (!source.readableEnded) chunks.destroy(new Error('the connection was closed'))
  })
  stopping.addEventListener('abort', stop)
  source.pipe(chunks)
  if (stopping.aborted) stop()
  return chunks
}

async function lineResult(
  line: Line,
  context: ImportContext,
  ledger: RetryingSubmitter,
  log: Logger,
): Promise<ImportResult> {
  try {
    return describe(line.number, await ledger.submit(line.number, readLine(line, context, new Date())))
  } catch (error) {
    const problem = problemOf(error)
    if (problem.getStatus() === 500)
      log.error('import line failed', { event: 'import.line_failed', line: line.number, error })
    return refused(line.number, problem)
  }
}

function describe(line: number, outcome: CommandResult<Deployment>): ImportResult {
  switch (outcome.kind) {
    case 'refused':
      return refused(line, rejectionProblem(outcome.rejection))
    case 'accepted':
      return { line, result: 'accepted', id: recordOf(outcome.answer).id, command: commandUrl(outcome.commandId) }
    case 'appended':
    case 'repeated':
      return {
        line,
        result: outcome.kind === 'appended' ? 'recorded' : 'repeated',
        id: recordOf(outcome.answer).id,
        position: formatPositions(outcome.positions),
      }
    default:
      return outcome satisfies never
  }
}

function refused(line: number, problem: HttpProblem): ImportResult {
  return { line, result: 'refused', problem: problem.toProblem() }
}

async function writeResults(
  window: ReorderBuffer<ImportResult>,
  sink: Writable,
  { metrics, begin }: ImportParts,
): Promise<void> {
  for await (const results of window.results()) {
    for (const { result } of results) metrics.importLines.inc({ result })
    // The client is gone: what was submitted is recorded, but the results are dropped.
    if (sink.destroyed) continue
    begin()
    const flowing = sink.write(results.map(result => `${JSON.stringify(result)}\n`).join(''))
    if (!flowing) await roomIn(sink)
  }
}

function roomIn(sink: Writable): Promise<void> {
  return new Promise(resolve => {
    const go = () => {
      sink.off('drain', go).off('close', go)
      resolve()
    }
    sink.on('drain', go).on('close', go)
    if (sink.destroyed) go()
  })
}

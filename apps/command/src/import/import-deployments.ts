import { PassThrough, type Readable, type Writable } from 'node:stream'
import { formatPositions } from '#libs/contracts'
import type { Deployment } from '#libs/domain'
import { type HttpProblem, problemOf, rejectionProblem } from '#libs/http'
import type { Ledger, Outcome } from '#libs/ledger'
import type { Logger, Metrics } from '#libs/operations'
import { commandUrl } from '../command-answer.js'
import { recordOf } from '../deployment-answer.js'
import { type ImportOrigin, LINE_LIMIT, readLine } from './import-line.js'
import { isBlank, type Line, LineSplitter } from './line-splitter.js'
import { OrderedWindow } from './ordered-window.js'
import { PatientLedger } from './patient-ledger.js'

/** Bytes of the lines under way at most. */
const WINDOW_BYTES = 2 * 1024 * 1024

/** The answer to one line. */
export interface LineResult {
  line: number
  result: 'recorded' | 'repeated' | 'accepted' | 'refused'
  id?: string
  position?: string
  /** URL of the command, where Kafka is away. */
  command?: string
  problem?: object
}

export interface ImportParts {
  ledger: Pick<Ledger, 'execute'>
  metrics: Metrics
  log: Logger
  /** Aborted when the process stops: no further line is read. */
  stopping: AbortSignal
  /** How many lines may be under way, as it is now. */
  mostLines(): number
  /** How long the next bytes may take to arrive. */
  idleMs: number
  /** Called before the first answer is written. */
  begin(): void
}

/** How an import ended; `cut`: lines may be unread; `late`: likewise, because no further bytes came. */
export type ImportEnd = 'complete' | 'cut' | 'late'

/** No further bytes came in time. */
class LateBody extends Error {}

/**
 * Imports a stream of lines: as many are under way as the window takes, each is answered as soon as all before it are. It
 * reads no faster than the ledger decides and than the client reads answers, so its memory does not grow with the file.
 * Resolves when every line that was read is answered, also after the client or the process cut it.
 */
export async function importDeployments(
  source: Readable,
  sink: Writable,
  origin: ImportOrigin,
  parts: ImportParts,
): Promise<ImportEnd> {
  const window = new OrderedWindow<LineResult>(parts.mostLines, WINDOW_BYTES)
  const reading = readLines(source, window, origin, parts).finally(() => window.end())
  const writing = writeResults(window, sink, parts)
  const [end] = await Promise.all([reading, writing])
  return end
}

async function readLines(
  source: Readable,
  window: OrderedWindow<LineResult>,
  origin: ImportOrigin,
  parts: ImportParts,
): Promise<ImportEnd> {
  const { stopping, log, idleMs } = parts
  const ledger = new PatientLedger(parts.ledger, stopping, log)
  const splitter = new LineSplitter(LINE_LIMIT)
  const submit = async (lines: Line[]) => {
    for (const line of lines) {
      if (isBlank(line)) continue
      await window.room()
      await ledger.ready()
      if (stopping.aborted) return
      window.add(answerLine(line, origin, ledger, log), line.bytes?.length ?? 0)
    }
  }
  try {
    for await (const chunk of withinTime(untilStopped(source, stopping), idleMs)) await submit(splitter.push(chunk))
    if (!stopping.aborted) await submit(splitter.end())
    return stopping.aborted ? 'cut' : 'complete'
  } catch (error) {
    log.info('the client cut an import', { reason: (error as Error).message })
    return error instanceof LateBody ? 'late' : 'cut'
  }
}

/** What a stream brings, while each part of it comes in time after it is asked for. Throws LateBody. */
async function* withinTime(chunks: Readable, withinMs: number): AsyncGenerator<Buffer> {
  const late = () => chunks.destroy(new LateBody(`no byte came for ${withinMs / 1000} s`))
  let timer = setTimeout(late, withinMs)
  try {
    for await (const chunk of chunks) {
      // The client waits while this part is worked on.
      clearTimeout(timer)
      yield chunk as Buffer
      timer = setTimeout(late, withinMs)
    }
  } finally {
    clearTimeout(timer)
  }
}

/** The stream until it ends, or until no more is to be read; destroying a request would destroy its answer with it. */
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

async function answerLine(line: Line, origin: ImportOrigin, ledger: PatientLedger, log: Logger): Promise<LineResult> {
  try {
    return describe(line.number, await ledger.submit(line.number, readLine(line, origin, new Date())))
  } catch (error) {
    const problem = problemOf(error)
    if (problem.getStatus() === 500) log.error('a line of an import failed', { line: line.number, error })
    return refused(line.number, problem)
  }
}

function describe(line: number, outcome: Outcome<Deployment>): LineResult {
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

function refused(line: number, problem: HttpProblem): LineResult {
  return { line, result: 'refused', problem: problem.toProblem() }
}

async function writeResults(
  window: OrderedWindow<LineResult>,
  sink: Writable,
  { metrics, begin }: ImportParts,
): Promise<void> {
  for await (const results of window.results()) {
    for (const { result } of results) metrics.importLines.inc({ result })
    // Where the client is gone, what was submitted stands; only nobody hears of it.
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

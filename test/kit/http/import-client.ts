import { request } from 'node:http'
import { Readable } from 'node:stream'
import { deploymentsPath } from './http-client.js'

/** The answer to one line of an import. */
export interface LineResult {
  line: number
  result: 'recorded' | 'repeated' | 'accepted' | 'refused'
  id?: string
  position?: string
  command?: string
  problem?: { status: number; detail: string }
}

export interface ImportRun {
  results: LineResult[]
  /** Whether every line was sent and the answer came to its end. */
  complete: boolean
}

export interface ImportOptions {
  tenant: string
  headers?: Record<string, string>
  /** Is told how many lines were answered, whenever some were. */
  onResult?(answered: number): void
  /** The longest silence, in ms; any where left out. */
  silence?: number
}

/**
 * Sends records as lines to an app, reading the answers meanwhile. A connection that breaks leaves the run incomplete.
 * @throws Error when no line is answered for as long as the options say
 */
export function importRecords(url: string, records: Iterable<object>, options: ImportOptions): Promise<ImportRun> {
  const { tenant, headers = {}, onResult, silence } = options
  const results: LineResult[] = []
  return new Promise((resolve, reject) => {
    const tooLong = () => {
      reject(new Error(`an import was not answered for ${silence! / 1000} s after ${results.length} lines`))
      sending.destroy()
    }
    const timer = silence === undefined ? undefined : setTimeout(tooLong, silence)
    const end = (complete: boolean) => {
      clearTimeout(timer)
      resolve({ results, complete })
    }
    const broken = () => end(false)
    const sending = request(
      `${url}${deploymentsPath}/import`,
      { method: 'POST', headers: { 'Content-Type': 'application/x-ndjson', 'X-Tenant-ID': tenant, ...headers } },
      answer => {
        if (answer.statusCode !== 200) return broken()
        answer.on('error', broken)
        let rest = ''
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          const lines = `${rest}${chunk}`.split('\n')
          rest = lines.pop() ?? ''
          for (const line of lines) results.push(JSON.parse(line) as LineResult)
          timer?.refresh()
          onResult?.(results.length)
        })
        answer.on('close', () => end(answer.complete && rest === ''))
      },
    )
    sending.on('error', broken)
    Readable.from(inChunks(records)).pipe(sending)
  })
}

/** How often each result is there. */
export function countResults(results: LineResult[]): Partial<Record<LineResult['result'], number>> {
  const counts: Partial<Record<LineResult['result'], number>> = {}
  for (const { result } of results) counts[result] = (counts[result] ?? 0) + 1
  return counts
}

/** A write for every line would cost more than what it carries. */
function* inChunks(records: Iterable<object>): Iterable<string> {
  let chunk = ''
  for (const record of records) {
    chunk += `${JSON.stringify(record)}\n`
    if (chunk.length < 16_384) continue
    yield chunk
    chunk = ''
  }
  if (chunk) yield chunk
}

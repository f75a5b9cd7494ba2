import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/**
 * Posts lines as one streamed request.
 * @returns the seconds from the first byte until the last line was answered
 * @throws Error unless every line was recorded
 */
export async function importLines(url: string, tenant: string, lines: Buffer[], count: number): Promise<number> {
  const started = performance.now()
  const post = request(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-ndjson', 'X-Tenant-ID': tenant },
  })
  const sent = pipeline(Readable.from(lines), post)
  const [answer] = (await once(post, 'response')) as [IncomingMessage]
  const received = await answer.toArray()
  const seconds = (performance.now() - started) / 1000
  await sent
  expectRecorded(Buffer.concat(received as Buffer[]).toString(), count)
  return seconds
}

function expectRecorded(answers: string, count: number): void {
  const lines = answers.trimEnd().split('\n')
  const other = lines.find(line => (JSON.parse(line) as { result?: string }).result !== 'recorded')
  if (other !== undefined) throw new Error(`a line was not recorded: ${other}`)
  if (lines.length !== count) throw new Error(`${lines.length} lines were answered instead of ${count}`)
}

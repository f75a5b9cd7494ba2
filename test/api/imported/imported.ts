import type { Deployment } from '../../independent/deployments/deployments.js'
import type { Recomputed } from '../../independent/answers/reducer.js'
import { deploymentsPath, type HttpAnswer, type HttpClient, type LineResult } from '../../kit/index.js'
import type { ImportLine } from './generated.js'
import { realPipeline } from './pipeline.js'

/** What the plain recomputation needs to know about imported lines, by the answers that they got. */
export function deploymentsOf(tenant: string, imported: ImportLine[], answers: LineResult[]): Deployment[] {
  return imported.map(({ actor, gitCommit, ...facts }, index) => {
    const { id = '', position = '' } = answers[index]!
    const [partition, seq] = position.split(':').map(Number) as [number, number]
    const place = { partition, seq, lastSeq: seq, version: 1 }
    return {
      tenant,
      id,
      ...facts,
      ...place,
      status: 'DEPLOYED',
      succeeded: true,
      recordedAt: '',
      more: { actor, gitCommit },
    }
  })
}

/** The same of lines that nobody was told yet, as if they came in this order. */
export function asInFile(lines: ImportLine[]): Deployment[] {
  const answers = lines.map((_, index): LineResult => {
    const line = index + 1
    return { line, result: 'recorded', id: String(line), position: `0:${line}` }
  })
  return deploymentsOf('gov', lines, answers)
}

/** Says in which order the environments of the real data come. */
export async function putPipeline(http: HttpClient): Promise<HttpAnswer> {
  const environments = realPipeline.environments.map(name => ({ name }))
  const headers = { 'Content-Type': 'application/json' }
  const body = JSON.stringify({ environments })
  const answer = await http.send({ method: 'PUT', path: '/api/v1/config/pipeline', headers, body })
  if (answer.status >= 300) throw new Error(`${answer.status} ${answer.text}`)
  return answer
}

/** Reads when everything that was imported is projected. Resolves with how long that took, in ms. */
export async function caughtUp(http: HttpClient, answers: LineResult[]): Promise<number> {
  const since = performance.now()
  const ends: Record<number, number> = {}
  for (const { position = '' } of answers) {
    const [partition, seq] = position.split(':').map(Number) as [number, number]
    ends[partition] = Math.max(ends[partition] ?? 0, seq)
  }
  const reading = http.reflecting(ends)
  for (;;) {
    const { status } = await reading.get(`${deploymentsPath}/history?limit=1`)
    if (status === 200) return performance.now() - since
    // It has waited two seconds for the projector before it said so.
    expect(status).toBe(503)
  }
}

/** Waits until what a client was told last is projected: all of a tenant's deployments are, when its pipeline changes. */
export async function readable(http: HttpClient): Promise<void> {
  while ((await http.get(`${deploymentsPath}/history?limit=1`)).status === 503);
}

/** What the lists of a tenant say; the history of one application and environment after the other. */
export interface Lists {
  history: unknown[]
  current: unknown[]
}

/** Reads all of both lists, without when something was recorded, which is told apart from them: by id. */
export async function readLists(
  http: HttpClient,
  lines: ImportLine[],
): Promise<Lists & { recordedAt: Map<string, string> }> {
  const history: unknown[] = []
  for (const { application, environment } of placesIn(lines)) {
    const place = `application=${application}&environment=${environment}`
    history.push(...(await http.all(`${deploymentsPath}/history?${place}&limit=500`)))
  }
  return {
    recordedAt: new Map((history as Recorded[]).map(({ id, recordedAt }) => [id, recordedAt])),
    history: history.map(untimed),
    current: (await http.all(`${deploymentsPath}/current?limit=500`)).map(untimed),
  }
}

/** What `readLists` must come to. */
export function listsOf({ history, current }: Recomputed, lines: ImportLine[]): Lists {
  const places = new Map(placesIn(lines).map(place => [nameOf(place), [] as unknown[]]))
  for (const record of history) places.get(nameOf(record as unknown as ImportLine))!.push(untimed(record))
  return { history: [...places.values()].flat(), current: current.map(untimed) }
}

interface Recorded {
  id: string
  recordedAt: string
}

type Place = Pick<ImportLine, 'application' | 'environment'>

const nameOf = ({ application, environment }: Place) => `${application} ${environment}`

/** Each application in each environment, once. */
function placesIn(lines: ImportLine[]): Place[] {
  return [...new Map(lines.map(line => [nameOf(line), line])).values()]
}

function untimed(record: unknown): unknown {
  const { recordedAt: _, ...rest } = record as Record<string, unknown>
  return rest
}

import type { RawRecord } from '../../independent/log/log-reader.js'
import type { Sent } from '../clients/client-ledger.js'
import { doubled, type Finding, lost, other, outOfOrder } from './finding.js'

/** Actor of automatic executions. */
export const SCHEDULER = 'scheduler'

/** What may carry a token. */
interface Tokens {
  labels?: { token?: string }
  reason?: string
}

interface Place {
  partition: number
  seq: number
  stream: string
  command: string
}

/** Where each token is found in the log; of one decision about several streams, which stand one behind the other, the last place. */
export function placesOf(log: readonly RawRecord[]): Map<string, Place[]> {
  const places = new Map<string, Place[]>()
  for (const { partition, headers, value } of log) {
    const event = JSON.parse(value) as Tokens
    const token = tokenOf(headers, event) ?? ''
    // Nobody sent this: what is due executes automatically.
    if (token === SCHEDULER) continue
    const all = places.get(token) ?? []
    const [stream = '', command = ''] = [headers['ce_subject'], headers['ce_causationid']]
    const place = { partition, seq: Number(headers['ce_ledgerseq']), stream, command }
    const before = all.at(-1)
    const isNext = before?.partition === partition && before.seq === place.seq - 1
    const joined = isNext && before.command === command && before.stream !== stream
    places.set(token, [...(joined ? all.slice(0, -1) : all), place])
  }
  return places
}

function tokenOf(headers: Record<string, string>, { labels, reason }: Tokens): string | undefined {
  const type = headers['ce_type'] ?? ''
  if (!type.startsWith('io.shiplog.deployment.')) return headers['ce_actor']
  return type.endsWith('.recorded.v1') ? labels?.token : reason
}

/** Compares what clients were told with what the log has. */
export function checkCommands(sent: readonly Sent[], places: ReadonlyMap<string, Place[]>): Finding[] {
  const known = new Set(sent.map(({ token }) => token))
  const strangers = [...places.keys()].filter(token => !known.has(token)).map(token => other(`nobody sent "${token}"`))
  const each = sent.flatMap(command => checkCommand(command, places.get(command.token) ?? []))
  return [...strangers, ...each, ...checkOrder(sent, places), ...checkFiles(sent, places)]
}

function checkCommand(command: Sent, places: Place[]): Finding[] {
  const { token, what, end, position, sentAt } = command
  const name = `${what} ${token}`
  const at = places.map(({ partition, seq }) => `${partition}:${seq}`)
  const twice =
    at.length > 1 ? [doubled(`${name} (${end}) is in the log ${at.length} times: ${at.join(', ')}`, sentAt)] : []
  switch (end) {
    case 'acked':
      if (at.length === 0) return [lost(`${name} was acked at ${position} and is not in the log`, sentAt)]
      return position === undefined || at.includes(position)
        ? twice
        : [...twice, other(`${name} was acked at ${position}, and is at ${at[0]}`, sentAt)]
    case 'accepted':
      return at.length === 0 ? [lost(`${name} was accepted and is not in the log`, sentAt)] : twice
    case 'refused':
      return at.length === 0 ? [] : [other(`${name} was refused, and is in the log at ${at.join(', ')}`, sentAt)]
    case 'unknown':
      return twice
    default:
      return end satisfies never
  }
}

/** What was acknowledged before something else was sent stands in front of it, within a partition. */
function checkOrder(sent: readonly Sent[], places: ReadonlyMap<string, Place[]>): Finding[] {
  const found: Finding[] = []
  const inLog = sent.flatMap(command =>
    (places.get(command.token) ?? []).slice(0, 1).map(place => ({ command, place })),
  )
  const bySending = inLog.toSorted((a, b) => a.command.sentAt - b.command.sentAt)
  const byAnswer = inLog
    .filter(({ command }) => command.end === 'acked')
    .toSorted((a, b) => a.command.endedAt! - b.command.endedAt!)
  const ends = new Map<number, { seq: number; token: string }>()
  let next = 0
  for (const { command, place } of bySending) {
    for (; next < byAnswer.length && byAnswer[next]!.command.endedAt! < command.sentAt; next++) {
      const before = byAnswer[next]!
      const end = ends.get(before.place.partition)
      if (!end || end.seq < before.place.seq)
        ends.set(before.place.partition, { seq: before.place.seq, token: before.command.token })
    }
    const end = ends.get(place.partition)
    if (end && end.seq > place.seq) {
      found.push(
        outOfOrder(
          `${command.token} was sent after ${end.token} was acked, and stands before it: ${place.seq} < ${end.seq}`,
          command.sentAt,
        ),
      )
    }
  }
  return found
}

/** An application's lines stand in the order of their file. */
function checkFiles(sent: readonly Sent[], places: ReadonlyMap<string, Place[]>): Finding[] {
  const ends = new Map<string, { seq: number; token: string }>()
  const found: Finding[] = []
  for (const { line, token, application, sentAt } of sent) {
    const place = places.get(token)?.[0]
    if (!line || !place) continue
    const name = `${line.file} ${application}`
    const before = ends.get(name)
    if (before && before.seq > place.seq) found.push(outOfOrder(`line ${token} stands before ${before.token}`, sentAt))
    ends.set(name, { seq: place.seq, token })
  }
  return found
}

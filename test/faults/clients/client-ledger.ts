/**
 * What a client knows of a command: acked: answered with its position; accepted: promised (202); refused: will never be;
 * unknown: no answer, or one that says nothing (5xx).
 */
export type End = 'acked' | 'accepted' | 'refused' | 'unknown'

/** A command as its client has it. Times are ms of one clock for all clients. */
export interface Sent {
  /** Found again in the event. */
  token: string
  what: string
  tenant: string
  /** Ordering within the log is by application. */
  application: string
  end: End
  sentAt: number
  endedAt?: number
  /** Where it is said to stand: `<partition>:<seq>`. */
  position?: string
  /** Of a command that was accepted. */
  commandUrl?: string
  /** Lines of an import are to be in order. */
  line?: { file: string; number: number }
}

/** The ledger on the clients' side: every command that was sent, and what became of it. */
export class ClientLedger {
  readonly sent: Sent[] = []
  /** When something was acknowledged. */
  readonly ackedAt: number[] = []
  /** What a client saw that it must not see, whatever the faults. */
  readonly findings: { at: number; what: string }[] = []

  send(command: Omit<Sent, 'end' | 'sentAt'>): Sent {
    const sent: Sent = { ...command, end: 'unknown', sentAt: performance.now() }
    this.sent.push(sent)
    return sent
  }

  /** Notes an answer. What was acknowledged before stays so, and must be answered the same again. */
  answered(sent: Sent, end: End, more: { position?: string | undefined; commandUrl?: string | undefined } = {}): void {
    const now = performance.now()
    if (end === 'acked') this.acked(sent, more.position, now)
    else if (end === 'unknown') sent.endedAt ??= now
    else if (sent.end === 'unknown' || (sent.end === 'accepted' && end === 'refused')) {
      if (sent.end === 'accepted') this.blame(`${sent.token} was accepted, and refused when sent again`)
      sent.end = end
      sent.endedAt = now
      if (more.commandUrl !== undefined) sent.commandUrl = more.commandUrl
    } else if (sent.end === 'acked' && end === 'refused') this.blame(`${sent.token} was acked, and refused later`)
  }

  blame(what: string): void {
    this.findings.push({ at: performance.now(), what })
  }

  /** The longest time between two acknowledgements, in ms. */
  longestPause(from: number, to: number): number {
    const times = [from, ...this.ackedAt.filter(at => from < at && at < to), to]
    return times.reduce((longest, at, index) => Math.max(longest, index === 0 ? 0 : at - times[index - 1]!), 0)
  }

  count(end: End): number {
    return this.sent.filter(sent => sent.end === end).length
  }

  private acked(sent: Sent, position: string | undefined, now: number): void {
    if (!position) this.blame(`${sent.token} was acked without a position`)
    if (sent.end === 'refused') this.blame(`${sent.token} was refused, and acked when sent again`)
    if (sent.end === 'acked') {
      if (sent.position !== position) this.blame(`${sent.token} was acked at ${sent.position}, then at ${position}`)
      return
    }
    Object.assign(sent, { end: 'acked', endedAt: now, ...(position && { position }) })
    this.ackedAt.push(now)
  }
}

/** What a status tells about a command. */
export function endOf(status: number): End {
  if (status === 200 || status === 201) return 'acked'
  if (status === 202) return 'accepted'
  return status >= 400 && status < 500 && status !== 429 ? 'refused' : 'unknown'
}

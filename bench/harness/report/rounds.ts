import { cpuSeconds } from '../system/cpu.js'
import type { Servers } from '../system/servers.js'
import { ascending, quantile, spreadOf, type Spread } from './statistics.js'

/** The result of one round of a subject. */
export interface Sample {
  events: number
  seconds: number
  /** Of each event, in milliseconds, if measured. */
  latencies?: number[]
  /** CPU seconds of the measured process, if it ran only in this round. */
  nodeSeconds?: number
}

/** A subject of measurement: the product, or a raw limit. */
export interface Subject {
  name: string
  /** The measured process; this one by default. */
  pid?: number
  /**
   * One round. Resolves when all its work has ended. Throws if the number of rows that it wrote is wrong.
   */
  round(): Promise<Sample>
  /** Resolves when the subject is idle, so that it does not affect the next one. Not measured. */
  settle?(): Promise<void>
}

/** CPU seconds of a round; absent if unavailable. */
interface CpuUse {
  broker?: number
  postgres?: number
  /** The measured process. */
  node?: number
  /** This process, if it only generates the load. */
  load?: number
}

interface Round extends Sample {
  cpu: CpuUse
}

/** A subject with its rounds. */
export interface Measured {
  name: string
  rounds: Round[]
}

export interface RoundsOptions {
  servers: Servers
  /** Rounds that count. */
  rounds: number
  /** Whether a warm-up round precedes them (true). */
  warmUp?: boolean
  say(line: string): void
}

/** Measures subjects in turn, round by round, after a warm-up round; every other round in reverse order. */
export async function measure(subjects: Subject[], options: RoundsOptions): Promise<Measured[]> {
  const { servers, rounds, warmUp = true, say } = options
  const measured = new Map(subjects.map(subject => [subject, { name: subject.name, rounds: [] as Round[] }]))
  for (let number = warmUp ? 0 : 1; number <= rounds; number++) {
    say(number === 0 ? '  Warm-up' : `  Round ${number} of ${rounds}`)
    for (const subject of number % 2 === 0 ? subjects : subjects.toReversed()) {
      await servers.checkpoint()
      const round = await measureRound(subject, servers)
      await subject.settle?.()
      say(`    ${subject.name}: ${(round.events / round.seconds).toFixed(0)}/s`)
      if (number > 0) measured.get(subject)!.rounds.push(round)
    }
  }
  return [...measured.values()]
}

async function measureRound(subject: Subject, servers: Servers): Promise<Round> {
  const before = cpuOf(subject, servers)
  const sample = await subject.round()
  const after = cpuOf(subject, servers)
  const spent = (part: keyof CpuUse) => {
    const [from, to] = [before[part], after[part]]
    return from === undefined || to === undefined ? undefined : to - from
  }
  const cpu = {
    broker: spent('broker'),
    postgres: spent('postgres'),
    node: sample.nodeSeconds ?? spent('node'),
    load: spent('load'),
  }
  return { ...sample, cpu }
}

function cpuOf({ pid }: Subject, servers: Servers): CpuUse {
  const { user, system } = process.cpuUsage()
  const own = (user + system) / 1e6
  return { ...servers.cpu(), ...(pid === undefined ? { node: own } : { node: cpuSeconds(pid), load: own }) }
}

/** Events a second. */
export function rates({ rounds }: Measured): number[] {
  return rounds.map(({ events, seconds }) => events / seconds)
}

/** A quantile of the latencies of each round, in milliseconds; `undefined` if none were measured. */
export function latency({ rounds }: Measured, fraction: number): number[] | undefined {
  if (!rounds.every(({ latencies }) => latencies)) return undefined
  return rounds.map(({ latencies }) => quantile(ascending(latencies!), fraction))
}

/** CPU milliseconds per thousand events. */
export function cpuPerThousand({ rounds }: Measured, part: keyof CpuUse): Spread | undefined {
  if (!rounds.every(({ cpu }) => cpu[part] !== undefined)) return undefined
  return spreadOf(rounds.map(({ cpu, events }) => (cpu[part]! * 1e6) / events))
}

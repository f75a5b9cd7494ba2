import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { AppProcess } from '../../kit/apps/app-process.js'
import type { ClientLedger } from '../clients/client-ledger.js'
import { Workload } from '../clients/workload.js'
import type { FaultKind } from '../kinds/fault-kind.js'
import { injectFaults, type Injection } from './injector.js'
import { check, type Verdict } from '../oracle/check.js'
import { other } from '../oracle/finding.js'
import type { Protocol } from './protocol.js'
import { World } from '../world/world.js'

/** Longer than any fault takes, with all that the service waits for before it goes on. */
const LONGEST_PAUSE_MS = 25_000

export interface FaultRunOptions {
  project: string
  seed: number
  /** How long faults are injected; each kind is injected once where left out. */
  seconds?: number
  kinds: readonly FaultKind[]
  protocol: Protocol
  /** Ends the run before its time. */
  signal: AbortSignal
  /** How long everything may take to serve again, and to come to rest (60). */
  restSeconds?: number
  /** Ends with the first fact that is wrong, see Scene. */
  untilFact?: boolean
}

/** What a run has come to. */
export interface FaultRun extends Verdict {
  injections: Injection[]
  ledger: ClientLedger
  /** When faults began and ended, in ms of the clients' clock. */
  from: number
  to: number
}

/** Starts a world, lets clients work in it while faults are injected, waits until it has recovered, and asks the oracle. */
export async function runFaults(options: FaultRunOptions): Promise<FaultRun> {
  const { project, protocol } = options
  const { LOG_LEVEL = 'info' } = process.env
  const environment = { LOG_LEVEL, SHIPLOG_SECRETS_KEY: randomBytes(32).toString('base64') }
  const world = await World.start({ project, logs: protocol.folder, environment })
  try {
    return await runIn(world, options)
  } finally {
    await world.end()
  }
}

async function runIn(world: World, options: FaultRunOptions): Promise<FaultRun> {
  const { seed, seconds, kinds, protocol, restSeconds = 60, untilFact } = options
  const injections: Injection[] = []
  const workload = Workload.start(world, seed)
  const from = performance.now()
  const over = new AbortController()
  const onInjected = (injection: Injection) => {
    injections.push(injection)
    protocol.note(injection, from)
  }
  const injecting = injectFaults(world, kinds, {
    seed,
    signal: over.signal,
    onInjected,
    acked: () => workload.ledger.ackedAt.length,
    once: seconds === undefined,
  })
  await Promise.race([injecting, isOver(options, over.signal)])
  over.abort()
  await injecting
  const to = performance.now()
  const recovered = await recover(world, workload, restSeconds)
  for (const end of world.replicas.flatMap(({ ownEnds }) => ownEnds)) protocol.write(end)
  const { ledger } = workload
  const verdict = await check({
    brokers: world.directBrokers,
    topic: world.topic,
    databaseUrl: world.adminUrl,
    queryUrl: world.query.url,
    sent: ledger.sent,
    rebuild: () => rebuild(world),
    restSeconds,
    untilFact,
  })
  const pause = ledger.longestPause(from, to)
  if (pause > LONGEST_PAUSE_MS)
    recovered.push(other(`nobody was acknowledged anything for ${Math.round(pause / 1000)} s`))
  const seen = ledger.findings.map(({ at, what }) => other(what, at))
  return { ...verdict, findings: [...recovered, ...seen, ...verdict.findings], injections, ledger, from, to }
}

async function isOver({ seconds = Infinity, signal }: FaultRunOptions, over: AbortSignal): Promise<void> {
  const started = performance.now()
  while (!signal.aborted && !over.aborted && (performance.now() - started) / 1000 < seconds) await pause(100)
}

/** No cause is left: everything must serve again, and everybody be answered. */
async function recover(world: World, workload: Workload, restSeconds: number): Promise<Verdict['findings']> {
  const found: Verdict['findings'] = []
  await world
    .isReady(restSeconds * 1000)
    .catch(error => found.push(other(`an app is not ready again: ${(error as Error).message}`)))
  await workload.end(restSeconds * 1000)
  return found
}

/** The projectors step aside, as they share a group with the one that reads everything again. */
async function rebuild(world: World): Promise<string> {
  await Promise.all(world.projectors.map(projector => projector.kill('SIGTERM')))
  const databaseUrl = await world.createDatabase()
  const { topic, project, directBrokers: brokers } = world
  const fresh = AppProcess.launch('projector', { brokers, databaseUrl, topic, project, mayEnd: true })
  process.once('exit', () => void fresh.kill())
  world.atEnd(() => fresh.kill())
  return databaseUrl
}

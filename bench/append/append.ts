import { App } from '../harness/app/app.js'
import type { Bench } from '../harness/report/bench.js'
import { madeUpDeployments } from '../harness/load/deployments.js'
import type { Comparison, Result } from '../harness/report/report.js'
import { measure, type Measured, type Sample, type Subject } from '../harness/report/rounds.js'
import { RawLedger } from '../raw/raw-ledger.js'
import { Callers } from './callers.js'
import { Peer } from './peer.js'

const CALLERS = [1, 64, 256]
const PEER_CALLERS = [64, 256]
const path = '/api/v1/platform/deployments'
const rawName = 'raw loop, one at a time'

/** POST of one deployment, answered after its event was read back from the log. */
export async function append(bench: Bench): Promise<Result> {
  const { servers, say } = bench
  const raw = await RawLedger.open(servers)
  const apps = [await App.start(servers, 'standalone'), await App.start(servers, 'command')]
  const peer = await Peer.start(servers, say)
  try {
    const ofApps = await Promise.all(apps.map(app => posts(app, bench)))
    const subjects = [
      rawLoop(raw, bench),
      ...ofApps.flatMap(({ subjects }) => subjects),
      ...PEER_CALLERS.map(callers => peerCalls(peer, callers, bench)),
    ]
    const measured = await measure(subjects, bench)
    for (const { close } of ofApps) close()
    return { name: 'append', measured, comparisons: apps.flatMap(({ name }) => compare(name, measured)), notes }
  } finally {
    await Promise.all([raw.close(), ...apps.map(app => app.stop()), peer.stop()])
  }
}

function secondsOf({ quick }: Bench): number {
  return quick ? 1 : 3
}

function postName(app: string, callers: number): string {
  return `\`${app}\`, ${callers} ${callers === 1 ? 'caller' : 'callers'}`
}

function peerName(callers: number): string {
  return `emmett-postgresql, ${callers} callers`
}

function rawLoop(raw: RawLedger, bench: Bench): Subject {
  const deployments = madeUpDeployments(1)
  const round = async (): Promise<Sample> => {
    const latencies: number[] = []
    const started = performance.now()
    for (let now = started; now < started + secondsOf(bench) * 1000;) {
      await raw.record([deployments.next().value])
      const then = now
      now = performance.now()
      latencies.push(now - then)
    }
    const seconds = (performance.now() - started) / 1000
    await raw.check()
    return { events: latencies.length, seconds, latencies }
  }
  return { name: rawName, round }
}

async function posts(app: App, bench: Bench): Promise<{ subjects: Subject[]; close(): void }> {
  const deployments = madeUpDeployments(2)
  const next = () => {
    const { tenant, body } = deployments.next().value
    return { tenant, body: JSON.stringify(body) }
  }
  let recorded = 0
  const callers = await Promise.all(CALLERS.map(count => Callers.connect(app.url + path, count, next)))
  const subjects = CALLERS.map((count, index) => ({
    name: postName(app.name, count),
    pid: app.pid,
    async round() {
      const sample = await callers[index]!.call(secondsOf(bench))
      recorded += sample.events
      return sample
    },
    settle: () => app.check(recorded),
  }))
  return { subjects, close: () => callers.forEach(each => each.close()) }
}

function peerCalls(peer: Peer, callers: number, bench: Bench): Subject {
  return {
    name: peerName(callers),
    pid: peer.pid,
    async round() {
      const sample = await peer.call(callers, secondsOf(bench))
      await peer.check()
      return sample
    },
  }
}

function compare(app: string, measured: Measured[]): Comparison[] {
  const named = (name: string) => measured.find(subject => subject.name === name)!
  const comparison = (
    what: string,
    callers: number,
    against: string,
    target: NonNullable<Comparison['target']>,
  ): Comparison => ({
    title: `append to \`${app}\` (POST, answered 201 after read-back), ${what}`,
    figure: 'atMost' in target ? 'p50' : 'rate',
    subject: named(postName(app, callers)),
    against: named(against),
    target,
  })
  const loop = 'a raw loop of decide transaction + Kafka transaction, one at a time'
  const peer = "emmett-postgresql's `CommandHandler` on the same Postgres, as many callers"
  return [
    comparison(`64 callers, against ${loop}`, 64, rawName, { atLeast: 15 }),
    comparison('one caller alone: p50 against that of the raw loop', 1, rawName, { atMost: 2 }),
    comparison(`64 callers, against ${peer}`, 64, peerName(64), { atLeast: 1.5 }),
    comparison(`256 callers, against ${peer}`, 256, peerName(256), { atLeast: 2.5 }),
  ]
}

const notes = [
  'append: each app is a process of its own; `standalone` also projects and answers queries, `command` does not. Keep-alive ' +
    'connections of another process generate the load. Apps that are not measured idle meanwhile (3 % of a core). ' +
    'The raw loop writes the same rows and the same event, reads nothing back and confirms nothing. emmett-postgresql 0.42.0 is ' +
    'called within its process (no HTTP), with its own defaults (10 connections), and writes no Kafka.',
]

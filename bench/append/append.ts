import type { Bench } from '../harness/bench.js'
import { App } from '../harness/app.js'
import { madeUpDeployments } from '../harness/deployments.js'
import type { Result } from '../harness/report.js'
import { measure, type Measured, type Sample, type Subject } from '../harness/rounds.js'
import { RawLedger } from '../raw/raw-ledger.js'
import { Callers } from './callers.js'
import { Peer } from './peer.js'

const CALLERS = [1, 64, 256]
const PEER_CALLERS = [64, 256]
const path = '/api/v1/platform/deployments'

/** POST of one deployment, answered when it was read back from the log. */
export async function append(bench: Bench): Promise<Result> {
  const { servers, say } = bench
  const raw = await RawLedger.open(servers)
  const app = await App.start(servers, 'standalone')
  const peer = await Peer.start(servers, say)
  try {
    const ofRaw = rawLoop(raw, bench)
    const ofApp = await posts(app, bench)
    const ofPeer = PEER_CALLERS.map(callers => peerCalls(peer, callers, bench))
    const measured = await measure([ofRaw, ...ofApp.subjects, ...ofPeer], bench)
    ofApp.close()
    return { name: 'append', measured, comparisons: compare(measured), notes }
  } finally {
    await Promise.all([raw.close(), app.stop(), peer.stop()])
  }
}

function secondsOf({ quick }: Bench): number {
  return quick ? 1 : 4
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
  return { name: 'raw loop, one at a time', round }
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
    name: `POST, ${count} ${count === 1 ? 'caller' : 'callers'}`,
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
    name: `emmett, ${callers} callers`,
    pid: peer.pid,
    async round() {
      const sample = await peer.call(callers, secondsOf(bench))
      await peer.check()
      return sample
    },
  }
}

function compare([raw, one, some, many, peerSome, peerMany]: Measured[]): Result['comparisons'] {
  const post = 'append (POST, answered 201 after read-back)'
  return [
    {
      title: `${post}, 64 callers, against a raw loop of decide transaction + Kafka transaction, one at a time`,
      figure: 'rate',
      subject: some!,
      against: raw!,
      target: { atLeast: 15 },
    },
    {
      title: `${post}, one caller alone: p50 against the p50 of that raw loop`,
      figure: 'p50',
      subject: one!,
      against: raw!,
      target: { atMost: 2 },
    },
    {
      title: `${post}, 64 callers, against emmett-postgresql's CommandHandler, 64 callers`,
      figure: 'rate',
      subject: some!,
      against: peerSome!,
      target: { atLeast: 1.5 },
    },
    {
      title: `${post}, 256 callers, against emmett-postgresql's CommandHandler, 256 callers`,
      figure: 'rate',
      subject: many!,
      against: peerMany!,
      target: { atLeast: 2.5 },
    },
  ]
}

const notes = [
  'append: `standalone` as a process of its own, projecting meanwhile; the load is made by keep-alive connections of another process. ' +
    'The raw loop makes the same rows and the same event, reads nothing back and confirms nothing. emmett-postgresql 0.42.0 ' +
    'is called within its process (no HTTP), on the same Postgres with its own defaults (10 connections), and writes no Kafka.',
]

import { Agent, get } from 'node:http'
import { text } from 'node:stream/consumers'
import { diffStatement } from '#libs/read-models'
import { AppProcess } from '../harness/app/app-process.js'
import type { Bench } from '../harness/report/bench.js'
import type { Result } from '../harness/report/report.js'
import { measure, type Subject } from '../harness/report/rounds.js'
import { Environments } from './environments.js'

const KEYS = 10_000

/** The diff of two environments of 10,000 keys, one request after the other. */
export async function diff(bench: Bench): Promise<Result> {
  const { servers, quick } = bench
  const environments = await Environments.create(servers, KEYS)
  const { databaseUrl } = environments
  const app = await AppProcess.start(servers, 'query', { databaseUrl, topic: servers.topicName('diff') })
  try {
    const [endpoint, bare] = await measure(
      [overHttp(app, environments, quick ? 10 : 100), bareSql(environments, quick ? 10 : 100)],
      bench,
    )
    return {
      name: 'diff',
      measured: [endpoint!, bare!],
      comparisons: [
        {
          title: 'diff of 10,000 against 10,000 keys over HTTP against the bare SQL',
          figure: 'rate',
          subject: endpoint!,
          against: bare!,
          target: { atLeast: 0.8 },
        },
      ],
      notes: [
        'diff: two environments of 10,000 keys, of which 400 have different values and 100 exist on one side only; one caller, one ' +
          'query after the other. Bare SQL: the same statement on a connection of `pg`.',
      ],
    }
  } finally {
    await app.stop()
    await environments.close()
  }
}

function overHttp(app: AppProcess, environments: Environments, questions: number): Subject {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const { tenant, source, target } = environments.diff
  const url = `${app.url}/api/v1/config/promotions/diff?source=${source}&target=${target}`
  const ask = () =>
    new Promise<string>((resolve, reject) => {
      get(url, { agent, headers: { 'X-Tenant-ID': tenant } }, answer => void text(answer).then(resolve, reject)).on(
        'error',
        reject,
      )
    })
  return { name: 'GET diff', pid: app.pid, round: () => askAll(ask, environments, questions) }
}

function bareSql(environments: Environments, questions: number): Subject {
  const statement = diffStatement(environments.diff)
  const ask = async () => (await environments.sql.query<{ json: string }>(statement)).rows[0]!.json
  return { name: 'bare SQL', round: () => askAll(ask, environments, questions) }
}

async function askAll(ask: () => Promise<string>, environments: Environments, questions: number) {
  const latencies: number[] = []
  const started = performance.now()
  let answer = ''
  for (let n = 0; n < questions; n++) {
    const asked = performance.now()
    answer = await ask()
    latencies.push(performance.now() - asked)
  }
  const seconds = (performance.now() - started) / 1000
  environments.check(answer)
  return { events: questions, seconds, latencies }
}

import pg from 'pg'
import { toQueryConfig, type Query } from '#libs/postgres'
import { LIVE_SCHEMA, READ_SESSION, searchPath } from '#libs/read-models'
import type { AppProcess } from '../harness/app/app-process.js'
import type { Bench } from '../harness/report/bench.js'
import { Connection } from '../harness/load/connection.js'
import type { Sample, Subject } from '../harness/report/rounds.js'
import { year } from './made-up-year.js'
import { VARIANTS, type Question } from './questions.js'

type Statement = Parameters<Query>[0]

/** Runs the n-th query, and returns the result that is checked at times. */
type Ask = (n: number) => Promise<string[]>

/** The query over HTTP, one caller, one request after the other. */
export function overHttp(question: Question, app: AppProcess, bench: Bench): Subject {
  const { host } = new URL(app.url)
  const askOn = async (connection: Connection, n: number) => {
    const pages: string[] = []
    for (let path: string | undefined = question.path(n); path !== undefined;) {
      const answer = await connection.send(
        `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nX-Tenant-ID: ${year.tenant}\r\n\r\n`,
      )
      if (answer.status !== 200) throw new Error(`${path} failed: ${answer.head}\r\n\r\n${answer.body}`)
      pages.push(answer.body)
      path = question.allPages ? /\r\nlink: <([^>]+)>; rel="next"/i.exec(answer.head)?.[1] : undefined
    }
    return pages
  }
  const round = async () => {
    // The turns of the others take longer than the app keeps an idle connection.
    const connection = await Connection.open(app.url)
    try {
      const { sample, last } = await askInTurn(n => askOn(connection, n), question, bench)
      check(question, last)
      return sample
    } finally {
      connection.close()
    }
  }
  return { name: question.name, pid: app.pid, round }
}

/** Suffix of the name of a query that is sent to Postgres directly. */
export const BY_SQL = ': SQL alone'

/** The statements that the query app runs for a query, on a connection with its settings. */
export async function bySql(question: Question, sql: pg.Client, bench: Bench): Promise<Subject> {
  const statements: Statement[][] = []
  for (let n = 0; n < (question.slow ? 1 : VARIANTS); n++) statements.push(await statementsOf(question, sql, n))
  const ask: Ask = async n => {
    for (const statement of statements[n % statements.length]!) await sql.query(toQueryConfig(statement))
    return []
  }
  return { name: question.name + BY_SQL, round: async () => (await askInTurn(ask, question, bench)).sample }
}

// The query app's settings, with a limit that ends a run early instead of after hours.
const session = [...READ_SESSION, 'statement_timeout=120s']

/** A connection with the query app's settings. */
export async function readerConnection(databaseUrl: string): Promise<pg.Client> {
  const options = [searchPath(LIVE_SCHEMA), ...session.map(setting => `-c ${setting}`)].join(' ')
  const sql = new pg.Client({ connectionString: databaseUrl, options })
  await sql.connect()
  return sql
}

async function statementsOf({ ask }: Question, sql: pg.Client, n: number): Promise<Statement[]> {
  const taken: Statement[] = []
  const take: Query = async <Row>(statement: Statement) => {
    taken.push(statement)
    return (await sql.query(toQueryConfig(statement))).rows as Row[]
  }
  await ask(take, n)
  return taken
}

async function askInTurn(ask: Ask, { slow }: Question, { quick }: Bench): Promise<{ sample: Sample; last: string[] }> {
  const latencies: number[] = []
  const started = performance.now()
  const deadline = started + (slow ? 0 : quick ? 200 : 1000)
  let last: string[] = []
  let asked = started
  do {
    last = await ask(latencies.length % VARIANTS)
    const answered = performance.now()
    latencies.push(answered - asked)
    asked = answered
  } while (asked < deadline)
  return { sample: { events: latencies.length, seconds: (asked - started) / 1000, latencies }, last }
}

function check({ name, count, expected }: Question, pages: string[]): void {
  const found = pages.reduce((sum, page) => sum + count(JSON.parse(page)), 0)
  if (expected === undefined ? found > 0 : found === expected) return
  throw new Error(`${name} returned ${found} instead of ${expected ?? 'any'}`)
}

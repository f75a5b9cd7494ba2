import type { Bench } from '../harness/report/bench.js'
import type { Result } from '../harness/report/report.js'
import { measure, type Measured } from '../harness/report/rounds.js'
import { bareServer, queryApp, seededHistory } from './pages.js'
import { writeToVisible } from './visible.js'

const READERS = 16

/** The latencies of a reader: of a page of history, and until a write is visible. */
export async function reads(bench: Bench): Promise<Result> {
  const [ours, same, rows] = (await pages(bench)) as [Measured, Measured, Measured]
  const visible = await writeToVisible(bench)
  return {
    name: 'reads',
    measured: [ours, same, rows, visible],
    comparisons: [
      {
        title: `history page through REST against bare Fastify + pg with the same query, ${READERS} readers`,
        figure: 'rate',
        subject: ours,
        against: same,
        target: { atLeast: 0.9 },
      },
      {
        title: 'history page, its JSON made in Postgres, against bare Fastify + pg with rows as objects',
        figure: 'rate',
        subject: ours,
        against: rows,
        target: { atLeast: 1.5 },
      },
      {
        title: 'write to visible in a read at half of the peak, p99 in ms',
        figure: 'p99',
        subject: visible,
        target: { atMost: 250 },
      },
    ],
    notes: [
      `reads: a page is 50 records of one of twenty applications of one of a hundred tenants, requested by ${READERS} ` +
        'keep-alive connections of another process; SQL generates the rows, 5 % of them failures. Rows as objects: the same ' +
        'page without `overtakenBy` and `contestedBy`, mapped in JavaScript. Write to visible: the peak is that of 256 callers in a closed loop; ' +
        'then half of it is sent in an open loop, and every fifth write is read with `Shiplog-Min-Position` once it is answered. Its latency ' +
        'counts from the time at which the write was due, so it includes the write.',
    ],
  }
}

async function pages(bench: Bench): Promise<Measured[]> {
  const history = await seededHistory(bench.servers, bench.quick ? 200_000 : 1_000_000, bench.say)
  const servers = [
    await queryApp(bench, history, READERS),
    await bareServer(bench, history, 'json', READERS),
    await bareServer(bench, history, 'rows', READERS),
  ]
  try {
    return await measure(
      servers.map(({ subject }) => subject),
      bench,
    )
  } finally {
    await Promise.all(servers.map(server => server.stop()))
  }
}

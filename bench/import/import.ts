import { App } from '../harness/app/app.js'
import type { Bench } from '../harness/report/bench.js'
import { realHistory, type DeploymentBody, type History } from '../harness/load/deployments.js'
import type { Result } from '../harness/report/report.js'
import { measure, type Measured, type Sample, type Subject } from '../harness/report/rounds.js'
import { RawLedger } from '../raw/raw-ledger.js'
import { importLines } from './import-lines.js'

const GROUP = 1000
const path = '/api/v1/platform/deployments/import'

/** The import of a real history, answered line by line as each was read back from the log. */
export async function bulkImport(bench: Bench): Promise<Result> {
  const { servers } = bench
  const history = realHistory(bench.quick ? 10_000 : 30_000)
  const raw = await RawLedger.open(servers, { confirms: true })
  const [standalone, command] = [await App.start(servers, 'standalone'), await App.start(servers, 'command')]
  try {
    const subjects = [rawLoop(raw, history), imports(standalone, history), imports(command, history)]
    const measured = await measure(subjects, bench)
    return { name: 'import', measured, comparisons: compare(measured), notes: notesOn(history) }
  } finally {
    await Promise.all([raw.close(), command.stop(), standalone.stop()])
  }
}

function rawLoop(raw: RawLedger, { bodies }: History): Subject {
  const rounds = tenants('raw')
  const round = async (): Promise<Sample> => {
    const tenant = rounds.next().value
    const started = performance.now()
    for (let first = 0; first < bodies.length; first += GROUP) {
      await raw.record(bodies.slice(first, first + GROUP).map(body => ({ tenant, body })))
    }
    const seconds = (performance.now() - started) / 1000
    await raw.check()
    return { events: bodies.length, seconds }
  }
  return { name: 'raw loop, 1,000 at a time', round }
}

function imports(app: App, { bodies }: History): Subject {
  const rounds = tenants('import')
  const lines = toLines(bodies)
  let recorded = 0
  return {
    name: `\`${app.name}\``,
    pid: app.pid,
    async round() {
      const seconds = await importLines(app.url + path, rounds.next().value, lines, bodies.length)
      recorded += bodies.length
      return { events: bodies.length, seconds }
    },
    settle: () => app.check(recorded),
  }
}

/** Each round imports as another tenant, since importing the same file again only repeats. */
function* tenants(name: string): Generator<string, never> {
  for (let number = 1; ; number++) yield `${name}-${number}`
}

/** The file in chunks, as a client sends it while reading it from disk. */
function toLines(bodies: DeploymentBody[]): Buffer[] {
  const file = Buffer.from(bodies.map(body => `${JSON.stringify(body)}\n`).join(''))
  const size = 64 * 1024
  return Array.from({ length: Math.ceil(file.length / size) }, (_, index) =>
    file.subarray(index * size, (index + 1) * size),
  )
}

function compare([raw, ...apps]: Measured[]): Result['comparisons'] {
  return apps.map(app => ({
    title: `bulk import by ${app.name} (events answered after read-back) against a raw loop of the same SQL and Kafka transaction, 1,000 at a time`,
    figure: 'rate',
    subject: app,
    against: raw!,
    target: { atLeast: 0.7 },
  }))
}

function notesOn({ source }: History): string[] {
  return [
    `import: ${source}, as one streamed request with one line each. The raw loop writes the same rows and events by all of the ` +
      "ledger's SQL (decide, confirm) and its Kafka transaction, one after the other; it parses and validates nothing, and reads nothing back.",
  ]
}

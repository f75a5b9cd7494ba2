import { projectFolder } from '#dev'
import { runFaults } from '../faults/run/fault-run.js'
import { kinds } from '../faults/kinds/index.js'
import { Protocol } from '../faults/run/protocol.js'
import { report } from '../faults/report.js'

// A short version of `npm run faults`: a fixed seed, and every failpoint at least once.

const SEED = 1
const SECONDS = 60
const failpoints = kinds.filter(({ name }) => name.startsWith('failpoint-'))

it('a process that dies at any failpoint loses, doubles and disorders nothing', async () => {
  const protocol = new Protocol()

  const run = await runFaults({
    project: projectFolder,
    seed: SEED,
    seconds: SECONDS,
    // Each once before any comes again.
    kinds: failpoints.map(kind => ({ ...kind, weight: 1 })),
    eachOf: failpoints.map(({ name }) => name),
    protocol,
    signal: new AbortController().signal,
  })

  process.stderr.write(`${report(run, [])}\n`)
  expect(run.findings).toEqual([])
  const reached = new Set(run.injections.filter(({ done }) => done).map(({ kind }) => kind.name))
  expect(failpoints.filter(({ name }) => !reached.has(name)).map(({ name }) => name)).toEqual([])
  expect(run.ledger.count('acked')).toBeGreaterThan(SECONDS)
  protocol.remove()
}, 400_000)

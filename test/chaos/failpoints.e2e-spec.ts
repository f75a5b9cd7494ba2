import { projectFolder } from '#dev'
import { kinds } from '../faults/kinds/index.js'
import { report } from '../faults/report.js'
import { runFaults } from '../faults/run/fault-run.js'
import { Protocol } from '../faults/run/protocol.js'

// Directed, where `npm run faults` is random: each failpoint once, while clients work.

const failpoints = kinds.filter(({ name }) => name.startsWith('failpoint-'))

it('a process that is killed at any failpoint loses, duplicates and reorders no event', async () => {
  const protocol = new Protocol()

  const run = await runFaults({
    project: projectFolder,
    seed: 1,
    kinds: failpoints,
    protocol,
    signal: new AbortController().signal,
  })

  process.stderr.write(`${report(run, [])}\n`)
  expect(run.findings).toEqual([])
  const reached = new Set(run.injections.filter(({ done }) => done).map(({ kind }) => kind.name))
  expect(failpoints.filter(({ name }) => !reached.has(name)).map(({ name }) => name)).toEqual([])
  expect(run.ledger.count('acked')).toBeGreaterThan(failpoints.length)
  protocol.remove()
}, 300_000)

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { QueueBusy, WorkerPool } from './index.js'

let folder: string
let closing: WorkerPool<unknown, unknown>[]
let files = 0

beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'thread-'))))
beforeEach(() => (closing = []))
afterEach(() => Promise.all(closing.map(pool => pool.close())))
afterAll(() => rmSync(folder, { recursive: true }))

function poolOf(source: string, deadlineMs = 30_000): WorkerPool<unknown, unknown> {
  const file = join(folder, `${files++}.mjs`)
  writeFileSync(file, source)
  const pool = new WorkerPool<unknown, unknown>(pathToFileURL(file), { heapMb: 24, deadlineMs })
  closing.push(pool)
  return pool
}
const run = (pool: WorkerPool<unknown, unknown>, task: unknown) => pool.turn('acme', turn => turn.run(task))

it('WorkerPool passes no environment, arguments or options of the process to its threads', async () => {
  expect(Object.keys(process.env).length).toBeGreaterThan(0)
  const pool = poolOf(
    'export default () => ({ env: { ...process.env }, argv: process.argv.slice(2), execArgv: process.execArgv })',
  )
  expect(await run(pool, null)).toEqual({ env: {}, argv: [], execArgv: [] })
})

it('WorkerPool ends a task that takes too long, and runs the next one', async () => {
  const pool = poolOf('export default endless => { while (endless); return "done" }', 3000)
  await expect(run(pool, true)).rejects.toMatchObject({ name: 'TaskCutOff', by: 'time' })
  expect(await run(pool, false)).toBe('done')
})

it('WorkerPool rejects with QueueBusy if a task had too little processor time', async () => {
  const pool = poolOf('export default ms => new Promise(resolve => setTimeout(resolve, ms))', 2000)
  await expect(run(pool, 60_000)).rejects.toThrow(QueueBusy)
  await run(pool, 1)
})

it('WorkerPool rejects with QueueBusy if a task had less than the share of the deadline that it needs', async () => {
  const pool = poolOf('export default () => { while (true); }', 1000)
  await expect(pool.turn('acme', turn => turn.run(null, 10))).rejects.toThrow(QueueBusy)
})

it('WorkerPool ends a task that takes too much memory, and runs the next one', async () => {
  const pool = poolOf(
    'export default size => { let list; for (let n = 0; n < size; n++) list = { list, n }; return list.n }',
  )
  await expect(run(pool, 100_000_000)).rejects.toMatchObject({ name: 'TaskCutOff', by: 'memory' })
  expect(await run(pool, 2)).toBe(1)
})

it('WorkerPool rejects with the error of a task', async () => {
  await expect(run(poolOf('export default () => { throw new TypeError("no") }'), null)).rejects.toThrow('no')
})

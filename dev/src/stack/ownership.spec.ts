import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeEndpoints, updatePids, writeEndpoints, readEndpoints } from './endpoints.js'
import { claimData, DataInUse } from './ownership.js'
import { startMark } from '../process/process-table.js'

const endpoints = { url: 'http://127.0.0.1:8888', kafka: 'k:1', postgres: 'postgres://p', topic: 't', pids: { app: 1 } }
let data: string

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'shiplog-spec-'))
})

afterEach(() => rmSync(data, { recursive: true }))

test('claimData admits one process at a time, and leaves no file after the release', () => {
  const release = claimData(data)
  expect(() => claimData(data)).toThrow(DataInUse)
  release()
  claimData(data)()

  expect(readdirSync(data)).toEqual([])
})

test('DataInUse names the URL once it is known', () => {
  const release = claimData(data)
  expect(() => claimData(data)).toThrow(
    `Another process is starting Shiplog on ${data} or using it (process ${process.pid}).`,
  )
  writeEndpoints(data, endpoints)
  expect(() => claimData(data)).toThrow(
    `Shiplog is already running on ${data}: http://127.0.0.1:8888 (process ${process.pid}).`,
  )
  release()
})

test.each([
  ['of a process that has ended', () => JSON.stringify({ pid: 2 ** 22 + 1, mark: 'any' })],
  ['of an earlier process whose pid is used again', () => JSON.stringify({ pid: process.pid, mark: 'earlier' })],
  ['that is malformed', () => '{'],
])('a claim %s is ignored', (_, claim) => {
  writeFileSync(join(data, 'owner.json'), claim())
  const release = claimData(data)
  expect(() => claimData(data)).toThrow(DataInUse)
  release()
})

test('startMark differs between processes, and is undefined for a process that has ended', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  const mark = startMark(child.pid!)
  expect(mark).toBe(startMark(child.pid!))
  expect(mark).not.toBe(startMark(process.pid))
  child.kill('SIGKILL')
  await new Promise(resolve => child.once('exit', resolve))
  expect(startMark(child.pid!)).toBeUndefined()
})

test('endpoints are written, changed and removed; pids are updated only if the file exists', () => {
  updatePids(data, { kafka: 2 })
  expect(readEndpoints(data)).toBeUndefined()
  writeEndpoints(data, endpoints)
  updatePids(data, { kafka: 2 })
  expect(readEndpoints(data)).toEqual({ ...endpoints, pids: { app: 1, kafka: 2 } })
  removeEndpoints(data)
  removeEndpoints(data)
  expect(readdirSync(data)).toEqual([])
})

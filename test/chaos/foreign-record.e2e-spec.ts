import { writeForeignRecord } from '../independent/log/foreign-record.js'
import {
  brokers,
  deploymentsPath,
  expectProblem,
  type HttpAnswer,
  type Service,
  startService,
  until,
} from '../kit/index.js'

// Somebody writes into the topic what is none of our events. Nothing is skipped silently, and nothing that was said is lost.

let service: Service
let before: HttpAnswer
let partition: number

const deployment = (application: string) => ({ application, environment: 'prod', imageTag: 'v1' })

beforeAll(async () => {
  service = await startService('standalone', { SHIPLOG_CONFIRM_TIMEOUT_MS: '500' })
  before = await service.http.record(deployment('before'))
  await service.http.after(before).get(`${deploymentsPath}/current`)
  // Not where the other one is.
  partition = (Number(String(before.headers['shiplog-position']).split(':')[0]) + 1) % 12
  await writeForeignRecord(brokers(), service.topic, partition)
}, 60_000)
afterAll(() => service?.end())

it('the partition is halted, and /readyz and /metrics name it', async () => {
  let ready: HttpAnswer
  const named = async () => {
    ready = await service.http.get('/readyz')
    return ready.json.parts.projector.ok === false && ready.json.parts.ledger.ok === false
  }
  await until(named, 'projector and ledger not to be ready')

  expectProblem(ready!, 503)
  const { projector, ledger } = ready!.json.parts
  expect(projector.halted).toEqual([
    expect.objectContaining({ partition, seq: 0, reason: expect.stringContaining('offset 0') }),
  ])
  expect(ledger.detail).toContain(`partition ${partition}, offset 0`)
  const { text } = await service.http.get('/metrics')
  expect(text).toContain(`shiplog_projector_halted{partition="${partition}"} 1\n`)
})

it('what was there before is still read', async () => {
  const { json } = await service.http.after(before).get(`${deploymentsPath}/current`)
  expect(json).toMatchObject([{ id: before.json.id, active: true }])
})

it('what is written now is promised, not claimed to be in the log', async () => {
  const answer = await service.http.post(deploymentsPath, deployment('after'))
  expect([answer.status, answer.json.status]).toEqual([202, 'accepted'])
})

it('GET log/verify says where the chain is broken', async () => {
  const { text } = await service.http.get('/api/v1/log/verify')
  const verdict = JSON.parse(text.trim().split('\n').at(-1)!)
  expect(verdict).toMatchObject({ type: 'verdict', verdict: 'broken' })
  expect(verdict.faults).toContainEqual(expect.objectContaining({ partition, offset: 0 }))
})

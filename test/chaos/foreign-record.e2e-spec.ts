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

// Another writer appends a foreign record to the topic. Nothing is skipped silently, and nothing that was confirmed is lost.

let service: Service
let before: HttpAnswer
let partition: number

const deployment = (application: string) => ({ application, environment: 'prod', imageTag: 'v1' })

beforeAll(async () => {
  service = await startService('standalone', { SHIPLOG_CONFIRM_TIMEOUT_MS: '500' })
  before = await service.http.record(deployment('before'))
  await service.http.after(before).get(`${deploymentsPath}/current`)
  // Another partition than that of the deployment.
  partition = (Number(String(before.headers['shiplog-position']).split(':')[0]) + 1) % 12
  await writeForeignRecord(brokers(), service.topic, partition)
}, 60_000)
afterAll(() => service?.end())

it('a foreign record halts its partition, which /readyz and /metrics report', async () => {
  let ready: HttpAnswer
  const reported = async () => {
    ready = await service.http.get('/readyz')
    return ready.json.parts.projector.ok === false && ready.json.parts.ledger.ok === false
  }
  await until(reported, 'projector and ledger not to be ready')

  expectProblem(ready!, 503)
  const { projector, ledger } = ready!.json.parts
  expect(projector.halted).toEqual([
    expect.objectContaining({ partition, seq: 0, reason: expect.stringContaining('offset 0') }),
  ])
  expect(ledger.detail).toContain(`partition ${partition}, offset 0`)
  const { text } = await service.http.get('/metrics')
  expect(text).toContain(`shiplog_projector_halted{partition="${partition}"} 1\n`)
})

it('deployments from before are still read', async () => {
  const { json } = await service.http.after(before).get(`${deploymentsPath}/current`)
  expect(json).toMatchObject([{ id: before.json.id, active: true }])
})

it('a write returns 202, since the log does not confirm it', async () => {
  const answer = await service.http.post(deploymentsPath, deployment('after'))
  expect([answer.status, answer.json.status]).toEqual([202, 'accepted'])
})

it('GET log/verify reports where the chain is broken', async () => {
  const { text } = await service.http.get('/api/v1/log/verify')
  const verdict = JSON.parse(text.trim().split('\n').at(-1)!)
  expect(verdict).toMatchObject({ type: 'verdict', verdict: 'broken' })
  expect(verdict.faults).toContainEqual(expect.objectContaining({ partition, offset: 0 }))
})

import { join } from 'node:path'
import { choosePort, makeScratchData, postgresUrl, removeData, startEmbeddedKafka, startEmbeddedPostgres } from '#dev'
import { writeForeignRecord } from '../../independent/log/foreign-record.js'
import { checkRecords } from '../../independent/log/log-check.js'
import { collectLog, type RawRecord } from '../../independent/log/log-reader.js'
import type { AppSettings } from '../../kit/apps/app-process.js'
import { createDatabaseOn } from '../../kit/servers/servers.js'
import type { Replica } from '../world/replica.js'
import type { Scenario, ScenarioResult } from './scenario.js'
import { type ForeignCase, foreignCases } from './foreign-case.js'
import { Recorders } from './recorders.js'
import { resultOf, Stage } from './stage.js'

const ACKS_BEFORE = 100
const PROMISES = 40

/** Somebody else writes into the topic. What was said before is not lost, nothing is built on it, and nothing skipped silently. */
export const foreignRecords: Scenario = {
  name: 'foreign-records',
  weight: 2,
  async run({ seed, project, logs }) {
    const data = makeScratchData()
    const [postgresPort, kafkaPort] = [await choosePort([]), await choosePort([])]
    const postgres = await startEmbeddedPostgres({ data, port: postgresPort })
    const kafka = await startEmbeddedKafka({ data: join(data, 'kafka'), port: kafkaPort })
    try {
      const results: ScenarioResult[] = []
      for (const [number, foreign] of foreignCases.entries()) {
        const database = await createDatabaseOn(postgresUrl(postgresPort), 'foreign')
        const stage = await Stage.start(
          {
            brokers: [`127.0.0.1:${kafkaPort}`],
            databaseUrl: database.url,
            topic: `foreign.${number}`,
            project,
            environment: { SHIPLOG_CONFIRM_TIMEOUT_MS: '500' },
          },
          seed + number,
          logs,
        )
        try {
          const result = await (foreign.halts ? halts(stage, foreign, seed) : goesOn(stage, foreign))
          results.push(named(foreign.name, result))
        } finally {
          await stage.end()
        }
      }
      return joined(results)
    } finally {
      await Promise.all([kafka.kill(), postgres.kill()])
      removeData(data)
    }
  },
}

/** A number that was there before is skipped, in the middle of writes. */
async function goesOn(stage: Stage, foreign: ForeignCase): Promise<ScenarioResult> {
  await stage.recorders.untilAcked(ACKS_BEFORE)
  const { topic, brokers } = stage.settings
  const last = await lastOfFullest(stage.settings)
  const offset = await writeForeignRecord(brokers, topic, last.partition, foreign.record(last))
  await stage.recorders.untilAcked(ACKS_BEFORE)
  return stage.judge(1, record => !isAt(record, last.partition, offset))
}

/** The partition goes no further, and everybody says so; what was sent is promised, not claimed to be in the log. */
async function halts(stage: Stage, foreign: ForeignCase, seed: number): Promise<ScenarioResult> {
  const { recorders, projector, commands, settings } = stage
  await recorders.untilAcked(ACKS_BEFORE)
  // It has something to read of every partition when it comes back.
  await projector.kill()
  await recorders.untilAcked(ACKS_BEFORE)
  await recorders.end()
  await stage.untilNothingIsPending()
  const last = await lastOfFullest(settings)
  const { partition } = last
  const offset = await writeForeignRecord(settings.brokers, settings.topic, partition, foreign.record(last))
  projector.start()

  const complaints: string[] = []
  const note = (error: Error) => void complaints.push(error.message)
  const after = Recorders.start(commands, seed, 'after')
  const seen = (what: string, holds: () => boolean | Promise<boolean>) => stage.within(holds, what).catch(note)
  await seen('promises', () => after.ledger.count('accepted') >= PROMISES)
  await seen('an appender that is not ready', async () => (await Promise.all(commands.map(ledgerFault))).some(Boolean))
  await seen(`the projector to name partition ${partition}`, () => namesHalted(projector, partition))
  await after.end()

  const log = await collectLog(settings.brokers, settings.topic)
  const ours = log.filter(record => !isAt(record, partition, offset))
  const { ends, findings } = checkRecords(ours)
  // The others wholly, this one up to the foreign record.
  await stage.untilProjected(ends).catch(note)
  const built = ours.filter(record => record.partition === partition && Number(record.offset) > Number(offset))
  const claimed = after.ledger.sent.filter(({ end }) => end === 'acked')
  const pending = new Set(await stage.pendingTokens())
  const sent = [...recorders.ledger.sent, ...after.ledger.sent.filter(({ token }) => !pending.has(token))]
  return resultOf(1, sent, ours, [
    ...findings,
    ...complaints,
    ...built.map(record => `${record.headers['ce_id']} was appended behind the foreign record`),
    ...claimed.map(({ token }) => `${token} was acked behind the foreign record`),
  ])
}

async function lastOfFullest({ brokers, topic }: AppSettings): Promise<RawRecord> {
  const log = await collectLog(brokers, topic)
  const byPartition: RawRecord[][] = []
  for (const record of log) (byPartition[record.partition] ??= []).push(record)
  const [fullest] = byPartition.filter(Boolean).toSorted((a, b) => b.length - a.length)
  if (!fullest) throw new Error(`${topic} is empty`)
  return fullest.at(-1)!
}

function isAt(record: RawRecord, partition: number, offset: string): boolean {
  return record.partition === partition && record.offset === offset
}

async function ledgerFault({ url }: Replica): Promise<boolean> {
  const { parts } = (await (await fetch(`${url}/readyz`)).json()) as { parts: { ledger?: { ok: boolean } } }
  return parts.ledger?.ok === false
}

async function namesHalted({ url }: Replica, partition: number): Promise<boolean> {
  const ready = await fetch(`${url}/readyz`)
  const { parts } = (await ready.json()) as { parts: { projector?: { halted?: { partition: number }[] } } }
  const metrics = await (await fetch(`${url}/metrics`)).text()
  const named = parts.projector?.halted?.map(halted => halted.partition) ?? []
  return (
    ready.status === 503 &&
    named.join() === String(partition) &&
    metrics.includes(`shiplog_projector_halted{partition="${partition}"} 1\n`)
  )
}

function named(name: string, result: ScenarioResult): ScenarioResult {
  const put = (whats: string[]) => whats.map(what => `${name}: ${what}`)
  const { lost, doubled, outOfOrder, other } = result
  return {
    ...result,
    lost: put(lost),
    doubled: put(doubled),
    outOfOrder: put(outOfOrder),
    other: put(other),
  }
}

function joined(results: ScenarioResult[]): ScenarioResult {
  return {
    injected: results.reduce((sum, { injected }) => sum + injected, 0),
    acked: results.reduce((sum, { acked }) => sum + acked, 0),
    lost: results.flatMap(({ lost }) => lost),
    doubled: results.flatMap(({ doubled }) => doubled),
    outOfOrder: results.flatMap(({ outOfOrder }) => outOfOrder),
    other: results.flatMap(({ other }) => other),
  }
}

import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { checkRecords } from '../../independent/log/log-check.js'
import { collectLog, type RawRecord } from '../../independent/log/log-reader.js'
import type { Sent } from '../clients/client-ledger.js'
import { checkAnswers } from './answers.js'
import { checkCommands, placesOf } from './commands.js'
import { checkConfiguration } from './configuration.js'
import { doubled, type Finding, other } from './finding.js'
import { checkIndex } from './ledger-index.js'
import { checkPromotions } from './promotions.js'
import { compareTables } from './tables.js'

/** Where the oracle looks. */
export interface Scene {
  brokers: string[]
  topic: string
  databaseUrl: string
  /** The app that answers reads; `undefined`: it is not there. */
  queryUrl: string | undefined
  sent: readonly Sent[]
  /** How long everything may take to come to rest. */
  restSeconds: number
  /** Looks no further once it knows that a fact was lost, doubled or out of order: what comes after is waiting for what cannot come. */
  untilFact?: boolean
  /** Begins to rebuild the read models from the log, and returns the URL of their database. */
  rebuild(): Promise<string>
}

export interface Verdict {
  events: number
  findings: Finding[]
}

/** Looks at everything, once no fault is left and nobody writes any more. What cannot be looked at is a finding too. */
export async function check(scene: Scene): Promise<Verdict> {
  const findings: Finding[] = []
  const step = async <T>(name: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work()
    } catch (error) {
      findings.push(other(`${name}: ${(error as Error).message}`))
      return undefined
    }
  }
  const index = new pg.Client({ connectionString: scene.databaseUrl })
  index.on('error', () => undefined)
  await index.connect()
  try {
    await step('what is scheduled', () => untilNothingIsDue(index, scene.restSeconds))
    await step('coming to rest', () => untilNothingIsPending(index, scene.restSeconds))
    const log = await step('reading the log', () => collectLog(scene.brokers, scene.topic))
    if (!log) return { events: 0, findings }
    const { events, ends, findings: broken } = checkRecords(log)
    findings.push(...broken.map(what => (what.includes('a second time') ? doubled(what) : other(what))))
    findings.push(...checkCommands(scene.sent, placesOf(log)))
    findings.push(...((await step('the promotions', async () => checkPromotions(log))) ?? []))
    if (scene.untilFact && findings.some(({ is }) => is !== 'other')) return { events, findings }
    findings.push(...((await step('the index', () => checkIndex(index, log, ends))) ?? []))
    await step('the projector', () => untilProjected(index, ends, scene.restSeconds))
    findings.push(...((await step('the answers', () => answers(scene, log, ends))) ?? []))
    findings.push(...((await step('the rebuild', () => compareWithRebuild(scene, index, ends))) ?? []))
    return { events, findings }
  } finally {
    await index.end()
  }
}

async function answers({ queryUrl }: Scene, log: RawRecord[], ends: Record<number, number>): Promise<Finding[]> {
  if (queryUrl === undefined) throw new Error('no app answers')
  return [...(await checkAnswers(queryUrl, log, ends)), ...(await checkConfiguration(queryUrl, log, ends))]
}

async function compareWithRebuild(scene: Scene, index: pg.Client, ends: Record<number, number>): Promise<Finding[]> {
  const rebuilt = new pg.Client({ connectionString: await scene.rebuild() })
  await rebuilt.connect()
  try {
    await untilProjected(rebuilt, ends, scene.restSeconds)
    return await compareTables(index, rebuilt)
  } finally {
    await rebuilt.end()
  }
}

/** Clients schedule a few seconds ahead, at most. */
async function untilNothingIsDue(index: pg.Client, seconds: number): Promise<void> {
  const scheduled = `SELECT count(*)::int AS count FROM ledger.stream_index WHERE name = 'scheduled'`
  await within(async () => (await countOf(index, scheduled)) === 0, 'there are scheduled promotions', seconds)
}

async function untilNothingIsPending(index: pg.Client, seconds: number): Promise<void> {
  const pending = 'SELECT count(*)::int AS count FROM ledger.outbox'
  await within(async () => (await countOf(index, pending)) === 0, 'there are pending appends', seconds)
}

async function countOf(index: pg.Client, sql: string): Promise<number> {
  const { rows } = await index.query<{ count: number }>(sql)
  return rows[0]!.count
}

/** Waits until the read models reflect the whole log. */
async function untilProjected(client: pg.Client, ends: Record<number, number>, seconds: number): Promise<void> {
  await within(
    async () => {
      const { rows } = await client
        .query<{ partition: number; seq: string }>('SELECT partition, seq FROM read_v1.projection_position')
        .catch(() => ({ rows: [] }))
      const seqs = new Map(rows.map(({ partition, seq }) => [partition, Number(seq)]))
      return Object.entries(ends).every(([partition, seq]) => (seqs.get(Number(partition)) ?? 0) >= seq)
    },
    'the read models do not reach the end of the log',
    seconds,
  )
}

async function within(holds: () => Promise<boolean>, complaint: string, seconds: number): Promise<void> {
  const deadline = performance.now() + seconds * 1000
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`${complaint} after ${seconds} s`)
    await pause(100)
  }
}

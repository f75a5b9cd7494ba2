import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { PARTITIONS } from '#libs/event-log'
import type { DeploymentEvent, DeploymentFacts } from '#libs/contracts'
import { deployments, LIVE_SCHEMA, projectBatch, searchPath, type ProjectedEvent } from '#libs/read-models'
import { openReadModels } from '../harness/system/read-models.js'
import type { Servers } from '../harness/system/servers.js'
import { tablesOfDeployments } from './bare-tables.js'
import { emptyTables } from './derived-tables.js'
import { emptyReadModels, FilledTables } from './filled-tables.js'
import { EVENT_BYTES } from './made-up-year.js'

const SAMPLE = 8000
const BATCH = 300

/**
 * Fills a small database by SQL like the large one, and another one with the same deployments by the projection, event by event.
 * @throws Error if a row of any table differs
 */
export async function proveFilling(servers: Servers): Promise<void> {
  const filled = await open((await FilledTables.create(servers, SAMPLE)).databaseUrl)
  const projectedUrl = await emptyReadModels(servers)
  const projected = await open(projectedUrl)
  try {
    await project(projectedUrl, (await filled.query<TellingRow>(TELL)).rows.flatMap(eventsOf))
    const tables = (await tablesOfDeployments(filled)).filter(table => !emptyTables.includes(table))
    for (const table of tables) await expectSame(table, filled, projected)
  } finally {
    await Promise.all([filled.end(), projected.end()])
  }
}

async function open(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString, options: searchPath(LIVE_SCHEMA) })
  await client.connect()
  return client
}

interface TellingRow {
  id: string
  tenant: string
  facts: DeploymentFacts
  rolledBackAt: string | null
  correlationId: string
  recordedAt: string
  partition: number
  seq: number
}

const TELL = `
  SELECT deployment_id AS id, tenant, json_strip_nulls(json_build_object(
      'application', application, 'environment', environment, 'imageTag', image_tag, 'gitCommit', git_commit, 'gitBranch', git_branch,
      'status', CASE WHEN rolled_back_at IS NULL THEN status ELSE 'DEPLOYED' END, 'deployedAt', instant(deployed_at),
      'completedAt', instant(completed_at), 'rollbackOf', rollback_of, 'actor', actor, 'commits', commits, 'unplanned', unplanned
    )) AS facts, instant(rolled_back_at) AS "rolledBackAt", correlation_id AS "correlationId",
    instant(recorded_at) AS "recordedAt", partition, recorded_seq::integer AS seq
  FROM deployment_history ORDER BY log_order`

function eventsOf({ id, facts, rolledBackAt, ...row }: TellingRow): ProjectedEvent<DeploymentEvent>[] {
  const tell = (event: DeploymentEvent, version: number, at: string): ProjectedEvent<DeploymentEvent> => ({
    event,
    metadata: {
      id: randomUUID(),
      tenant: row.tenant,
      streamId: id,
      streamVersion: version,
      time: at,
      recordedTime: at,
      causationId: id,
      commandHash: '',
      correlationId: row.correlationId,
    },
    partition: row.partition,
    seq: row.seq + version - 1,
    ceType: event.type,
    data: JSON.stringify('').padEnd(EVENT_BYTES),
  })
  const recorded = tell({ type: 'DeploymentRecorded', deploymentId: id, ...facts }, 1, row.recordedAt)
  if (rolledBackAt === null) return [recorded]
  return [recorded, tell({ type: 'DeploymentRolledBack', deploymentId: id, rolledBackAt }, 2, rolledBackAt)]
}

async function project(databaseUrl: string, events: ProjectedEvent[]): Promise<void> {
  const readModels = await openReadModels(databaseUrl)
  try {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const ofPartition = events.filter(event => event.partition === partition)
      let from = { seq: 0, nextOffset: 0 }
      for (let first = 0; first < ofPartition.length; first += BATCH) {
        const batch = ofPartition.slice(first, first + BATCH)
        const to = { seq: batch.at(-1)!.seq, nextOffset: batch.at(-1)!.seq }
        await projectBatch(readModels, deployments, partition, { from, events: batch, to })
        from = to
      }
    }
  } finally {
    await readModels.close()
  }
}

async function expectSame(table: string, filled: pg.Client, projected: pg.Client): Promise<void> {
  const text = `SELECT row FROM (SELECT t::text AS row FROM ${table} t) rows ORDER BY row COLLATE "C"`
  const [ours, theirs] = await Promise.all(
    [filled, projected].map(async client => (await client.query<{ row: string }>(text)).rows.map(({ row }) => row)),
  )
  if (theirs!.length === 0) throw new Error(`the projection wrote no row to ${table}: nothing is compared`)
  const rows = Math.max(ours!.length, theirs!.length)
  const different = Array.from({ length: rows }, (_, n) => n).find(n => ours![n] !== theirs![n])
  if (different === undefined) return
  throw new Error(
    `${table} has ${ours!.length} rows by SQL and ${theirs!.length} by projection; the first differing rows:\n` +
      `${ours![different]}\n${theirs![different]}`,
  )
}

import { evolveRecord, resolveEnvironment, type DeploymentEvent, type DeploymentRecord } from '#libs/contracts'
import { rowSet, statement, type Query } from '#libs/postgres'
import { idKey, type ProjectedEvent } from '../../log/projected-event.js'
import { pipelineOf, type Pipelines } from '../../pipeline/pipelines.js'
import { eventMembers } from './columns.js'
import { withId } from './index-lookups.js'

/** A deployment after its events up to one of them. */
export interface DeploymentVersion {
  tenant: string
  environmentName: string
  /** Instants are canonical: RFC 3339, UTC. */
  record: DeploymentRecord
  correlationId: string
  recordedAt: string
  partition: number
  recordedSeq: number
  lastSeq: number
  version: number
  /** Total size of the data of its events so far. */
  recordedBytes: number
  /** When all of these events were recorded: the latest of their times, since clocks can be set back. */
  knownFrom: string
  /** When the event that voided it was recorded, if one did. */
  voidedAt?: string
}

/** A version that an event has replaced. */
export interface SupersededVersion extends DeploymentVersion {
  /** `knownFrom` of the next version, which is later than its own. */
  knownUntil: string
}

/** The change of one deployment by a batch. */
export interface DeploymentChange extends DeploymentVersion {
  /** The deployment before the batch; `undefined` if the batch records it. */
  before?: DeploymentRecord
  /** Keys of its row before the batch, and the deployment that it undid. */
  stood?: { recordedSeq: number; inferredRollbackOf?: string }
  /** Versions that the batch has replaced, in order, without those that were known for no time. */
  superseded: SupersededVersion[]
}

/**
 * Folds a batch into one change per deployment, whatever the number of its events, since a row can be upserted only once per statement.
 * Loads deployments that the batch does not record by one query. Throws for an event of a deployment that was never recorded.
 */
export async function foldDeployments(
  query: Query,
  events: readonly ProjectedEvent<DeploymentEvent>[],
  pipelines: Pipelines,
): Promise<DeploymentChange[]> {
  const changes = await loadChanged(query, events)
  for (const { event, metadata, partition, seq, data } of events) {
    const { tenant, recordedTime, streamVersion, correlationId } = metadata
    const key = idKey(tenant, event.deploymentId)
    const change = changes.get(key)
    const record = evolveRecord(change?.record, event)
    const knownFrom = change ? later(change.knownFrom, recordedTime) : recordedTime
    const superseded = change ? supersede(change, knownFrom) : []
    const recordedBytes = (change?.recordedBytes ?? 0) + data.length
    const voidedAt = event.type === 'DeploymentVoided' && { voidedAt: recordedTime }
    const now = { record, lastSeq: seq, version: streamVersion, recordedBytes, knownFrom, superseded, ...voidedAt }
    if (change && event.type !== 'DeploymentRecorded') {
      Object.assign(change, now)
    } else {
      changes.set(key, {
        tenant,
        environmentName: resolveEnvironment(pipelineOf(pipelines, tenant), record.environment),
        correlationId,
        recordedAt: recordedTime,
        partition,
        recordedSeq: seq,
        ...(change?.before && { before: change.before, stood: change.stood }),
        ...now,
      })
    }
  }
  return [...changes.values()]
}

function later(a: string, b: string): string {
  return Date.parse(a) < Date.parse(b) ? b : a
}

function supersede(
  { before: _1, stood: _2, superseded, ...version }: DeploymentChange,
  knownUntil: string,
): SupersededVersion[] {
  return knownUntil === version.knownFrom ? superseded : [...superseded, { ...version, knownUntil }]
}

async function loadChanged(
  query: Query,
  events: readonly ProjectedEvent<DeploymentEvent>[],
): Promise<Map<string, DeploymentChange>> {
  const recorded = new Set<string>()
  const wanted = new Map<string, { tenant: string; id: string }>()
  for (const { event, metadata } of events) {
    const key = idKey(metadata.tenant, event.deploymentId)
    // Nearly all are the first event of a deployment, for which nothing must be loaded.
    if (event.type === 'DeploymentRecorded' && metadata.streamVersion === 1) recorded.add(key)
    else if (!recorded.has(key)) wanted.set(key, { tenant: metadata.tenant, id: event.deploymentId })
  }
  const changes = new Map<string, DeploymentChange>()
  if (wanted.size === 0) return changes
  const values = wantedRows.values([...wanted.values()])
  const rows = await query<StoredRow>(statement('load deployments', LOAD, values, { plan: 'once' }))
  for (const row of rows) changes.set(idKey(row.tenant, row.record.id), changeOf(row))
  return changes
}

interface StoredRow {
  tenant: string
  environment_name: string
  record: DeploymentRecord
  correlation_id: string
  recorded_at: string
  partition: number
  recorded_seq: string
  last_seq: string
  version: number
  recorded_bytes: number
  known_from: string
  inferred_rollback_of: string | null
}

function changeOf(row: StoredRow): DeploymentChange {
  return {
    tenant: row.tenant,
    environmentName: row.environment_name,
    record: row.record,
    correlationId: row.correlation_id,
    recordedAt: row.recorded_at,
    partition: row.partition,
    recordedSeq: Number(row.recorded_seq),
    lastSeq: Number(row.last_seq),
    version: row.version,
    recordedBytes: row.recorded_bytes,
    knownFrom: row.known_from,
    before: row.record,
    stood: { recordedSeq: Number(row.recorded_seq), inferredRollbackOf: row.inferred_rollback_of ?? undefined },
    superseded: [],
  }
}

const wantedRows = rowSet<{ tenant: string; id: string }>('wanted', [
  { name: 'tenant', type: 'text', value: ({ tenant }) => tenant },
  { name: 'deployment_id', type: 'uuid', value: ({ id }) => id },
])

// The record in the form of evolveRecord: absent values are absent.
const LOAD = `
  SELECT h.tenant, h.environment_name, h.correlation_id, instant(h.recorded_at) AS recorded_at, h.partition, h.recorded_seq,
    h.last_seq, h.version, h.recorded_bytes, instant(h.known_from) AS known_from, h.inferred_rollback_of, json_strip_nulls(json_build_object(
      ${eventMembers('h')}, 'succeeded', h.succeeded)) AS record
  FROM ${wantedRows.sql}
  CROSS JOIN LATERAL (SELECT h.* FROM deployment_history h WHERE ${withId('h', 'wanted')}) h`

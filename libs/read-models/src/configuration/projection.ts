import {
  configurationId,
  hashJson,
  type ConfigurationChange,
  type ConfigurationEvent,
  type ConfigurationKind,
} from '#libs/contracts'
import { rowSet, statement, type Column, type Query } from '#libs/postgres'
import type { ProjectedEvent } from '../log/projected-event.js'

/** A changed key, as the tables store it. */
interface KeyChange {
  tenant: string
  environment: string
  kind: ConfigurationKind
  key: string
  revision: number
  id: string
  /** Absent if it was deleted. */
  hash?: string
  value?: string
  secret: boolean
  description?: string
  changedAt: string
  changedBy?: string
}

interface RecordedChange extends KeyChange {
  recordedAt: string
  partition: number
  seq: number
  promotionId?: string
  promotionAction?: string
}

const columns: Column<KeyChange>[] = [
  { name: 'tenant', type: 'text', value: row => row.tenant },
  { name: 'environment', type: 'text', value: row => row.environment },
  { name: 'kind', type: 'text', value: row => row.kind },
  { name: 'key', type: 'text', value: row => row.key },
  { name: 'revision', type: 'integer', value: row => row.revision },
  { name: 'id', type: 'uuid', value: row => row.id },
  { name: 'hash', type: 'text', value: row => row.hash },
  { name: 'value', type: 'json', value: row => row.value },
  { name: 'secret', type: 'boolean', value: row => row.secret },
  { name: 'description', type: 'text', value: row => row.description },
  { name: 'changed_at', type: 'timestamptz', value: row => row.changedAt },
  { name: 'changed_by', type: 'text', value: row => row.changedBy },
]
const recordedColumns: Column<RecordedChange>[] = [
  ...columns,
  { name: 'recorded_at', type: 'timestamptz', value: row => row.recordedAt },
  { name: 'partition', type: 'smallint', value: row => row.partition },
  { name: 'seq', type: 'bigint', value: row => row.seq },
  { name: 'promotion_id', type: 'uuid', value: row => row.promotionId },
  { name: 'promotion_action', type: 'text', value: row => row.promotionAction },
]
const keyColumns = columns.slice(0, 4)
const secretColumns = [...columns.slice(0, 5), recordedColumns.find(({ name }) => name === 'seq')!]

/** Number of keys, and characters of their values, of one statement: encoding more would keep other requests waiting. */
const MOST = { keys: 1000, characters: 256 * 1024 }

/** Adds the changes of a batch to the history of their keys, and updates the current entries. */
export async function applyConfigurations(
  query: Query,
  events: readonly ProjectedEvent<ConfigurationEvent>[],
): Promise<void> {
  for (const changes of slicesOf(events)) await applyChanges(query, changes)
}

/** The changes in their order, in slices of a limited size. */
function* slicesOf(events: readonly ProjectedEvent<ConfigurationEvent>[]): Generator<RecordedChange[]> {
  let slice: RecordedChange[] = []
  let characters = 0
  for (const event of events) {
    for (const change of changesOf(event)) {
      slice.push(change)
      characters += change.value?.length ?? 0
      if (slice.length < MOST.keys && characters < MOST.characters) continue
      yield slice
      slice = []
      characters = 0
    }
  }
  if (slice.length > 0) yield slice
}

async function applyChanges(query: Query, changes: readonly RecordedChange[]): Promise<void> {
  await query(statement('append to configuration history', APPEND, recorded.values(changes)))
  await maskPast(query, changes)
  const last = new Map(changes.map(change => [keyOf(change), change]))
  const [present, deleted] = [true, false].map(is =>
    [...last.values()].filter(({ hash }) => (hash !== undefined) === is),
  )
  if (present!.length > 0) await query(statement('put current configuration', PUT, current.values(present!)))
  if (deleted!.length > 0) await query(statement('delete current configuration', DELETE, deletedKeys.values(deleted!)))
}

/** Removes the values of a key from before it was a secret, which remain only in the log. */
async function maskPast(query: Query, changes: readonly RecordedChange[]): Promise<void> {
  const last = new Map(changes.filter(({ secret }) => secret).map(change => [keyOf(change), change]))
  if (last.size === 0) return
  const values = secrets.values([...last.values()])
  await query(statement('mask configuration history', MASK, values))
  await query(statement('put configuration secrets', PUT_SECRETS, values))
}

function* changesOf({
  event,
  metadata,
  partition,
  seq,
}: ProjectedEvent<ConfigurationEvent>): Generator<RecordedChange> {
  const { tenant, streamVersion: revision, recordedTime: recordedAt } = metadata
  const { environment, changedAt, by: changedBy, cause } = event
  for (const { kind, key, after } of lastOfEachKey(event.changes)) {
    yield {
      tenant,
      environment,
      kind,
      key,
      revision,
      id: configurationId(tenant, environment, kind, key),
      ...(after && { hash: after.sealed ? after.sealed.hash : hashJson(after.value) }),
      ...(after && !after.sealed && { value: JSON.stringify(after.value) }),
      secret: after?.sealed !== undefined,
      ...(after?.description !== undefined && { description: after.description }),
      changedAt,
      ...(changedBy !== undefined && { changedBy }),
      recordedAt,
      partition,
      seq,
      ...(cause && { promotionId: cause.promotionId, promotionAction: cause.action }),
    }
  }
}

/** Of duplicate keys in one event, which are equal, keeps one. */
function lastOfEachKey(changes: readonly ConfigurationChange[]): ConfigurationChange[] {
  return [...new Map(changes.map(change => [JSON.stringify([change.kind, change.key]), change])).values()]
}

function keyOf({ tenant, environment, kind, key }: KeyChange): string {
  return JSON.stringify([tenant, environment, kind, key])
}

const recorded = rowSet('changed', recordedColumns)
const current = rowSet('changed', columns)
const deletedKeys = rowSet('deleted', keyColumns)
const secrets = rowSet('marked', secretColumns)
const KEY = keyColumns.map(({ name }) => name).join(', ')

const APPEND = `
  INSERT INTO configuration_history (${recorded.columns}) SELECT * FROM ${recorded.sql}`

// Reads from the last time at which it was a secret, since older versions were masked then: each version of a key is read once.
const MASK = `
  UPDATE configuration_history h SET secret = true, value = NULL
  FROM (
    SELECT marked.*, coalesce(known.revision, 0) AS since FROM ${secrets.sql}
    LEFT JOIN configuration_secret known USING (${KEY})
  ) marked
  WHERE ${keyColumns.map(({ name }) => `h.${name} = marked.${name}`).join(' AND ')}
    AND h.revision > marked.since AND h.revision < marked.revision AND h.value IS NOT NULL`

const PUT_SECRETS = `
  INSERT INTO configuration_secret (${secrets.columns}) SELECT * FROM ${secrets.sql}
  ON CONFLICT (${KEY}) DO UPDATE SET revision = excluded.revision, seq = excluded.seq`

const PUT = `
  INSERT INTO configuration_current (${current.columns}) SELECT * FROM ${current.sql}
  ON CONFLICT (${KEY}) DO UPDATE SET
    ${columns
      .slice(keyColumns.length)
      .map(({ name }) => `${name} = excluded.${name}`)
      .join(', ')}`

const DELETE = `
  DELETE FROM configuration_current c USING ${deletedKeys.sql}
  WHERE ${keyColumns.map(({ name }) => `c.${name} = deleted.${name}`).join(' AND ')}`

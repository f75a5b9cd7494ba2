import { keyedEnvironments, type Freeze, type Json, type Pipeline, type PipelineEvent } from '#libs/contracts'
import { rowSet, statement, type Column, type Query } from '#libs/postgres'
import type { ProjectedEvent } from '../log/projected-event.js'

/** The settings of a tenant that a batch changes; others are absent. */
interface PipelineChange {
  tenant: string
  version: number
  pipeline?: Pipeline
  configurationNames?: Record<string, string>
  freezes?: Freeze[]
}

interface SchemaChange {
  tenant: string
  keyPattern: string
  /** Absent if it was deleted. */
  schema?: Json
  changedAt: string
  by?: string
}

/** Writes the settings of tenants after a batch. */
export async function applyPipelineChanges(
  query: Query,
  events: readonly ProjectedEvent<PipelineEvent>[],
): Promise<void> {
  const byTenant = new Map<string, PipelineChange>()
  const byPattern = new Map<string, SchemaChange>()
  for (const { event, metadata } of events) {
    const { tenant, streamVersion: version } = metadata
    const { pipeline, configurationNames, freezes, keySchema, changedAt, by } = event
    const before = byTenant.get(tenant)
    const named = pipeline && { pipeline, configurationNames }
    byTenant.set(tenant, { ...before, tenant, version, ...named, ...(freezes && { freezes }) })
    if (keySchema)
      byPattern.set(JSON.stringify([tenant, keySchema.keyPattern]), { tenant, ...keySchema, changedAt, by })
  }
  await upsertPipelines(query, [...byTenant.values()])
  await putSchemas(
    query,
    [...byPattern.values()].filter(({ schema }) => schema !== undefined),
  )
  await deleteSchemas(
    query,
    [...byPattern.values()].filter(({ schema }) => schema === undefined),
  )
}

async function upsertPipelines(query: Query, changes: PipelineChange[]): Promise<void> {
  await query(statement('upsert pipelines', UPSERT_PIPELINES, pipelines.values(changes)))
}

const json = (value: object | undefined) => value && JSON.stringify(value)

const pipelines = rowSet<PipelineChange>('changed', [
  { name: 'tenant', type: 'text', value: ({ tenant }) => tenant },
  { name: 'pipeline', type: 'json', value: ({ pipeline }) => json(pipeline) },
  { name: 'environments', type: 'json', value: ({ pipeline }) => json(pipeline && keyedEnvironments(pipeline)) },
  { name: 'configuration_names', type: 'json', value: ({ configurationNames }) => json(configurationNames) },
  { name: 'freezes', type: 'json', value: ({ freezes }) => json(freezes) },
  { name: 'version', type: 'integer', value: ({ version }) => version },
])

const UPSERT_PIPELINES = `
  INSERT INTO tenant_pipeline AS before (${pipelines.columns})
  SELECT * FROM ${pipelines.sql}
  ON CONFLICT (tenant) DO UPDATE SET pipeline = coalesce(excluded.pipeline, before.pipeline),
    environments = coalesce(excluded.environments, before.environments),
    configuration_names = CASE WHEN excluded.pipeline IS NULL THEN before.configuration_names ELSE excluded.configuration_names END,
    freezes = coalesce(excluded.freezes, before.freezes), version = excluded.version`

async function putSchemas(query: Query, changes: SchemaChange[]): Promise<void> {
  if (changes.length > 0) await query(statement('put key schemas', PUT_SCHEMAS, schemas.values(changes)))
}

const schemaKey: Column<SchemaChange>[] = [
  { name: 'tenant', type: 'text', value: ({ tenant }) => tenant },
  { name: 'key_pattern', type: 'text', value: ({ keyPattern }) => keyPattern },
]
const schemas = rowSet<SchemaChange>('changed', [
  ...schemaKey,
  { name: 'schema', type: 'json', value: ({ schema }) => JSON.stringify(schema) },
  { name: 'updated_at', type: 'timestamptz', value: ({ changedAt }) => changedAt },
  { name: 'updated_by', type: 'text', value: ({ by }) => by },
])

const PUT_SCHEMAS = `
  INSERT INTO key_schema (${schemas.columns})
  SELECT * FROM ${schemas.sql}
  ON CONFLICT (tenant, key_pattern) DO UPDATE SET schema = excluded.schema, updated_at = excluded.updated_at,
    updated_by = excluded.updated_by`

async function deleteSchemas(query: Query, changes: SchemaChange[]): Promise<void> {
  if (changes.length > 0) await query(statement('delete key schemas', DELETE_SCHEMAS, deletedSchemas.values(changes)))
}

const deletedSchemas = rowSet('deleted', schemaKey)

const DELETE_SCHEMAS = `
  DELETE FROM key_schema s USING ${deletedSchemas.sql}
  WHERE s.tenant = deleted.tenant AND s.key_pattern = deleted.key_pattern`

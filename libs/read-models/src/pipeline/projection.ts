import { keyedEnvironments, type Freeze, type Json, type Pipeline, type PipelineEvent } from '#libs/contracts'
import type { ClientBase } from 'pg'
import { plainArray, textArray } from '#libs/postgres'
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
  connection: ClientBase,
  events: readonly ProjectedEvent<PipelineEvent>[],
): Promise<void> {
  const rules = new Map<string, PipelineChange>()
  const schemas = new Map<string, SchemaChange>()
  for (const { event, metadata } of events) {
    const { tenant, streamVersion: version } = metadata
    const { pipeline, configurationNames, freezes, keySchema, changedAt, by } = event
    const before = rules.get(tenant)
    const named = pipeline && { pipeline, configurationNames }
    rules.set(tenant, { ...before, tenant, version, ...named, ...(freezes && { freezes }) })
    if (keySchema) schemas.set(JSON.stringify([tenant, keySchema.keyPattern]), { tenant, ...keySchema, changedAt, by })
  }
  await upsertPipelines(connection, [...rules.values()])
  await putSchemas(
    connection,
    [...schemas.values()].filter(({ schema }) => schema !== undefined),
  )
  await deleteSchemas(
    connection,
    [...schemas.values()].filter(({ schema }) => schema === undefined),
  )
}

async function upsertPipelines(connection: ClientBase, changes: PipelineChange[]): Promise<void> {
  const text = `
    INSERT INTO tenant_pipeline AS r (tenant, pipeline, environments, configuration_names, freezes, version)
    SELECT * FROM unnest($1::text[], $2::json[], $3::json[], $4::json[], $5::json[], $6::integer[])
    ON CONFLICT (tenant) DO UPDATE SET pipeline = coalesce(excluded.pipeline, r.pipeline),
      environments = coalesce(excluded.environments, r.environments),
      configuration_names = CASE WHEN excluded.pipeline IS NULL THEN r.configuration_names ELSE excluded.configuration_names END,
      freezes = coalesce(excluded.freezes, r.freezes), version = excluded.version`
  const values = [
    textArray(changes.map(({ tenant }) => tenant)),
    textArray(changes.map(({ pipeline }) => pipeline && JSON.stringify(pipeline))),
    textArray(changes.map(({ pipeline }) => pipeline && JSON.stringify(keyedEnvironments(pipeline)))),
    textArray(changes.map(({ configurationNames: names }) => names && JSON.stringify(names))),
    textArray(changes.map(({ freezes }) => freezes && JSON.stringify(freezes))),
    plainArray(changes.map(({ version }) => version)),
  ]
  await connection.query({ text, values })
}

async function putSchemas(connection: ClientBase, changes: SchemaChange[]): Promise<void> {
  if (changes.length === 0) return
  const text = `
    INSERT INTO key_schema AS s (tenant, key_pattern, schema, updated_at, updated_by)
    SELECT * FROM unnest($1::text[], $2::text[], $3::json[], $4::timestamptz[], $5::text[])
    ON CONFLICT (tenant, key_pattern) DO UPDATE SET schema = excluded.schema, updated_at = excluded.updated_at,
      updated_by = excluded.updated_by`
  const values = [
    textArray(changes.map(({ tenant }) => tenant)),
    textArray(changes.map(({ keyPattern }) => keyPattern)),
    textArray(changes.map(({ schema }) => JSON.stringify(schema))),
    plainArray(changes.map(({ changedAt }) => changedAt)),
    textArray(changes.map(({ by }) => by)),
  ]
  await connection.query({ text, values })
}

async function deleteSchemas(connection: ClientBase, changes: SchemaChange[]): Promise<void> {
  if (changes.length === 0) return
  const text = `
    DELETE FROM key_schema s USING unnest($1::text[], $2::text[]) AS gone(tenant, key_pattern)
    WHERE s.tenant = gone.tenant AND s.key_pattern = gone.key_pattern`
  const values = [
    textArray(changes.map(({ tenant }) => tenant)),
    textArray(changes.map(({ keyPattern }) => keyPattern)),
  ]
  await connection.query({ text, values })
}

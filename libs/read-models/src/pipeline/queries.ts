import { defaultPipeline, type Freeze, type Pipeline } from '#libs/contracts'
import { positionsSql, type QueryResult, type JsonText } from '../sql/query-result.js'
import { statement, type Query } from '#libs/postgres'

/** The pipeline and freezes of a tenant, as sent. */
export interface PresentedPipeline {
  pipeline: Pipeline
  freezes: Freeze[]
  /** 1 for the default, one more with each change. */
  revision: number
}

/** The pipeline and the freezes of a tenant; the default pipeline if it has none of its own. */
export async function findPipelineSettings(query: Query, tenant: string): Promise<QueryResult<PresentedPipeline>> {
  const [row] = await query<{
    pipeline: Pipeline | null
    freezes: Freeze[] | null
    revision: number
    positions: string
  }>(statement('pipeline settings', PIPELINE_SETTINGS, { tenant }, { plan: 'once' }))
  const { pipeline, freezes, revision, positions } = row!
  return { body: { pipeline: pipeline ?? defaultPipeline, freezes: freezes ?? [], revision }, positions }
}

/** The JSON Schemas of a tenant's keys, by the pattern of the keys. */
export async function findKeySchemas(query: Query, tenant: string): Promise<QueryResult<JsonText>> {
  const [row] = await query<{ json: string; positions: string }>(
    statement('key schemas', KEY_SCHEMAS, { tenant }, { plan: 'once' }),
  )
  return { body: row!.json, positions: row!.positions }
}

const PIPELINE_SETTINGS = `
  SELECT own.pipeline, own.freezes, coalesce(own.version, 0) + 1 AS revision, ${positionsSql('deployments')} AS positions
  FROM (SELECT $tenant::text AS tenant) requested LEFT JOIN tenant_pipeline own USING (tenant)`

const KEY_SCHEMAS = `
  SELECT coalesce((SELECT '[' || string_agg(concat(
      '{"keyPattern":', to_json(s.key_pattern), ',"schema":', s.schema, ',"updatedAt":"', instant(s.updated_at), '"',
      ',"updatedBy":' || to_json(s.updated_by)::text, '}'), ',' ORDER BY s.key_pattern) || ']'
    FROM key_schema s WHERE s.tenant = $tenant), '[]') AS json, ${positionsSql('deployments')} AS positions`

import { defaultPipeline, type Freeze, type Pipeline } from '#libs/contracts'
import { positionsSql, type QueryResult, type JsonText } from '../sql/query-result.js'
import type { Query } from '#libs/postgres'

/** The pipeline and freezes of a tenant, as sent. */
export interface PresentedPipeline {
  pipeline: Pipeline
  freezes: Freeze[]
  /** 1 for the default, one more with each change. */
  revision: number
}

/** The pipeline and the freezes of a tenant; the default pipeline if it has none of its own. */
export async function findPipelineSettings(query: Query, tenant: string): Promise<QueryResult<PresentedPipeline>> {
  const text = `
    SELECT rules.pipeline, rules.freezes, coalesce(rules.version, 0) + 1 AS revision, ${positionsSql('deployments')} AS positions
    FROM (SELECT $1::text AS tenant) asked LEFT JOIN tenant_pipeline rules USING (tenant)`
  const [row] = await query<{
    pipeline: Pipeline | null
    freezes: Freeze[] | null
    revision: number
    positions: string
  }>({
    name: 'promotion rules',
    plan: 'once',
    text,
    values: [tenant],
  })
  const { pipeline, freezes, revision, positions } = row!
  return { body: { pipeline: pipeline ?? defaultPipeline, freezes: freezes ?? [], revision }, positions }
}

/** The JSON Schemas of a tenant's keys, by the pattern of the keys. */
export async function findKeySchemas(query: Query, tenant: string): Promise<QueryResult<JsonText>> {
  const text = `
    SELECT coalesce((SELECT '[' || string_agg(concat(
        '{"keyPattern":', to_json(s.key_pattern), ',"schema":', s.schema, ',"updatedAt":"', instant(s.updated_at), '"',
        ',"updatedBy":' || to_json(s.updated_by)::text, '}'), ',' ORDER BY s.key_pattern) || ']'
      FROM key_schema s WHERE s.tenant = $1), '[]') AS json, ${positionsSql('deployments')} AS positions`
  const [row] = await query<{ json: string; positions: string }>({
    name: 'key schemas',
    plan: 'once',
    text,
    values: [tenant],
  })
  return { body: row!.json, positions: row!.positions }
}

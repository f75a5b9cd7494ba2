/** Where the read models that are asked stand. A rebuild builds the same tables in another schema, so no statement names one. */
export const LIVE_SCHEMA = 'read_v1'

/** The connection option that has unqualified names mean those of a schema. */
export function searchPath(schema: string): string {
  return `-c search_path=${schema}`
}

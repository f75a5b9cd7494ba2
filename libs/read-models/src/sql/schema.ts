/** Schema of the live read models. A rebuild creates the same tables in another schema, so no statement names a schema. */
export const LIVE_SCHEMA = 'read_v1'
/** Schema of the next version in a rebuild. */
export const NEXT_SCHEMA = 'read_v1_next'
/** Schema of replaced tables, until they are dropped. */
export const OLD_SCHEMA = 'read_v1_old'
/** Schema into which a verification replays the log. */
export const VERIFY_SCHEMA = 'read_v1_verify'

/** The connection option that resolves unqualified names in a schema. */
export function searchPath(schema: string): string {
  return `-c search_path=${schema}`
}

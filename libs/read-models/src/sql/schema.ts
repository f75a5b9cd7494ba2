/** Where the read models that are asked stand. A rebuild builds the same tables in another schema, so no statement names one. */
export const LIVE_SCHEMA = 'read_v1'
/** Where a rebuild builds their next version. */
export const NEXT_SCHEMA = 'read_v1_next'
/** What a swap has replaced, until it is dropped. */
export const OLD_SCHEMA = 'read_v1_old'
/** Where a verification folds the log anew. */
export const VERIFY_SCHEMA = 'read_v1_verify'

/** The connection option that has unqualified names mean those of a schema. */
export function searchPath(schema: string): string {
  return `-c search_path=${schema}`
}

import type { HostileCase, HostileStep } from './hostile-case.js'

// What the hostile cases of schemas, globs and rules are made of.

const author = { 'X-User-ID': 'author' }
export const config = '/config'
export const put = (glob: string, schema: unknown, ...statuses: number[]): HostileStep => ({
  method: 'PUT',
  path: `${config}/schemas/${encodeURIComponent(glob)}`,
  body: schema,
  statuses,
})
export const taken = (glob: string, schema: unknown) => put(glob, schema, 200)
export const set = (values: object, environment = 'staging'): HostileStep => ({
  method: 'PATCH',
  path: `${config}/environments/${environment}/configurations`,
  body: { set: values },
  statuses: [200],
})
export const draft = (more: object = {}): HostileStep => ({
  method: 'POST',
  path: `${config}/promotions`,
  headers: author,
  body: { sourceEnvironment: 'staging', targetEnvironment: 'production', promotionType: 'FULL', ...more },
  statuses: [201],
})
export const globs = (keyPatterns: string[]) => draft({ promotionType: 'PATTERN', keyPatterns })
/** A check that takes too long is a finding; one that has to wait too long is sent away. */
export const validate = (times = 1): HostileStep => ({
  method: 'POST',
  path: `${config}/promotions/{id}/validate`,
  headers: author,
  body: {},
  statuses: times === 1 ? [200] : [200, 409, 429],
  times,
})
export const list = <T>(length: number, make: (n: number) => T): T[] => Array.from({ length }, (_, n) => make(n))
export const keyed = <T>(length: number, make: (n: number) => [string, T]) => Object.fromEntries(list(length, make))
export const checked = (name: string, schema: unknown, value: unknown, times = 1): HostileCase => ({
  name,
  requests: [taken('*', schema), set({ 'query.timeout': value }), draft(), validate(times)],
})
export const refused = (name: string, schema: unknown): HostileCase => ({ name, requests: [put('*', schema, 400)] })

/** References that multiply: `width` to the `depth`th. */
export const multiplied = (depth: number, width: number, keyword: string, last: unknown) => ({
  $ref: '#/$defs/a0',
  $defs: {
    ...keyed(depth, n => [`a${n}`, { [keyword]: list(width, () => ({ $ref: `#/$defs/a${n + 1}` })) }]),
    [`a${depth}`]: last,
  },
})
export const nested = (depth: number, wrap: (inner: unknown) => unknown) =>
  list(depth, () => wrap).reduce((inner: unknown, each) => each(inner), true)
export const long = (length: number) => 'a'.repeat(length)

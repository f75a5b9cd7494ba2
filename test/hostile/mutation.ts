import fc from 'fast-check'
import type { HttpRequest } from '../kit/index.js'

/** Bodies that are cut to this before they are mutated, so that thousands of them take seconds. */
const MOST_BYTES = 20_000
const tokens = [
  '[',
  '{',
  '"',
  '\\u0000',
  '\\ud800',
  '1e999',
  '-',
  '? ',
  '!!set',
  '&a *a',
  '<<: ',
  '__proto__',
  '\n',
  '\t',
  '%00',
  '$async',
]

const place = fc.double({ min: 0, max: 1, noNaN: true, noDefaultInfinity: true })
const at = (text: string, where: number) => Math.floor(text.length * where)

const replaced = fc.tuple(place, fc.nat(0xffff)).map(([where, code]) => (text: string) => {
  const n = at(text, where)
  return text.slice(0, n) + String.fromCharCode(code) + text.slice(n + 1)
})
const inserted = fc.tuple(place, fc.constantFrom(...tokens), fc.integer({ min: 1, max: 200 })).map(
  ([where, token, times]) =>
    (text: string) =>
      text.slice(0, at(text, where)) + token.repeat(times) + text.slice(at(text, where)),
)
const removed = fc.tuple(place, place).map(([a, b]) => (text: string) => {
  const [from, to] = [at(text, Math.min(a, b)), at(text, Math.max(a, b))]
  return text.slice(0, from) + text.slice(to)
})
const doubled = fc.tuple(place, place, fc.integer({ min: 2, max: 20 })).map(([a, b, times]) => (text: string) => {
  const [from, to] = [at(text, Math.min(a, b)), at(text, Math.max(a, b))]
  return text.slice(0, to) + text.slice(from, to).repeat(times) + text.slice(to)
})
const change = fc.oneof(replaced, inserted, removed, doubled)
const types = [
  'application/json',
  'application/yaml',
  'text/x-java-properties',
  'application/x-ndjson',
  'text/plain',
  '',
]

/** Mostly undefined: else hardly anything would be looked at beyond its path, method and type. */
function oneIn<T>(times: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: times - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })
}

/** A request that differs from one of some others by a few changes of its body, its path, its method or its headers. */
export function mutationOf(requests: readonly HttpRequest[]): fc.Arbitrary<HttpRequest> {
  return fc
    .record({
      request: fc.constantFrom(...requests),
      body: fc.array(change, { minLength: 1, maxLength: 4 }),
      path: oneIn(7, change),
      method: oneIn(11, fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE')),
      type: oneIn(7, fc.constantFrom(...types)),
    })
    .map(({ request, body, path, method, type }) => {
      const text = request.body?.toString().slice(0, MOST_BYTES)
      const changed = text === undefined ? undefined : body.reduce((mutated, apply) => apply(mutated), text)
      return {
        ...request,
        method: method ?? request.method,
        path: path ? sendable(path(request.path)) : request.path,
        headers: { ...request.headers, ...(type !== undefined && { 'Content-Type': type }) },
        ...(changed !== undefined && { body: changed }),
      }
    })
}

// What Node's own client refuses to send is sent by edge.ts as bytes.
function sendable(path: string): string {
  return `/${path.replace(/^\/+/, '').replaceAll(/[^\u0021-\u007e]/g, character => encodeURIComponent(character.toWellFormed()))}`
}

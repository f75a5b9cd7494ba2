import type { HostileRequest } from './hostile-case.js'

/** Where configuration is, and one file and one key of it. */
export const environments = '/api/v1/config/environments'
export const file = `${environments}/dev/configurations`
export const key = `${file}/query.timeout`
const unknown = '0198c0de-0000-7000-8000-0000000000ff'
const promotions = '/api/v1/config/promotions'

/** A body of JSON that is refused. */
export const json = (
  name: string,
  method: string,
  path: string,
  body: string,
  pointer: string,
  detail = '',
): HostileRequest => ({
  name,
  request: { method, path, headers: { 'Content-Type': 'application/json', 'X-User-ID': 'ann' }, body },
  status: 400,
  place: { pointer },
  detail,
})

/** Numbers that do not survive exactly. */
export const numerals = ['9007199254740992', '-3791411052119578828', '1e400', '1e16', '0.1234567890123456789', '1e-400']

/** Every call that takes JSON. */
const bodies: [method: string, path: string][] = [
  ['POST', '/api/v1/platform/deployments'],
  ...['complete', 'correct', 'rollback', 'void'].map((action): [string, string] => [
    'POST',
    `/api/v1/platform/deployments/${unknown}/${action}`,
  ]),
  ['POST', '/api/v1/platform/deployments/tag/v1/rollback'],
  ['PUT', key],
  ['PUT', file],
  ['PATCH', file],
  ['PUT', `${environments}/dev/flags/search`],
  ['PATCH', `${environments}/dev/flags`],
  ['PUT', '/api/v1/config/pipeline'],
  ['PUT', '/api/v1/config/pipeline/freezes'],
  ['PUT', '/api/v1/config/schemas/query.*'],
  ['POST', promotions],
  ...['validate', 'approve', 'reject', 'schedule', 'execute', 'rollback'].map((action): [string, string] => [
    'POST',
    `${promotions}/${unknown}/${action}`,
  ]),
  ['DELETE', `${promotions}/${unknown}`],
]
/** What no JSON body may have, in each of these calls. */
export const everywhere = bodies.flatMap(([method, path]) => [
  json(`${method} ${path}: a name twice`, method, path, '{"a": {"limit": 9, "limit": 0}}', '/a/limit', 'occurs twice'),
  json(
    `${method} ${path}: a name twice, escaped`,
    method,
    path,
    String.raw`{"a": [{"b": 9, "\u0062": 0}]}`,
    '/a/0/b',
    'occurs twice',
  ),
  json(`${method} ${path}: __proto__`, method, path, '{"a": {"__proto__": {}}}', '/a/__proto__', '__proto__'),
  ...numerals.map(numeral =>
    json(`${method} ${path}: ${numeral}`, method, path, `{"a": [0, ${numeral}]}`, '/a/1', 'stored exactly'),
  ),
])

/** Lines of an import that are refused, each with its place. */
export const hostileLines: { line: string; pointer: string }[] = [
  ['"labels": {"a": "1", "a": "2"}', '/labels/a'],
  ['"environment": "prod"', '/environment'],
  [String.raw`"labels": {"a": "1", "\u0061": "2"}`, '/labels/a'],
  ['"labels": {"__proto__": "1"}', '/labels/__proto__'],
  ...numerals.map((numeral): [string, string] => [`"notes": [${numeral}]`, '/notes/0']),
  [`"labels": ${'['.repeat(10_000)}`, `/labels${'/0'.repeat(31)}`],
].map(([members, pointer]) => ({ line: `{"environment": "dev", "imageTag": "v1", ${members}}`, pointer: pointer! }))

import { randomUUID } from 'node:crypto'
import { deploymentsPath, type HttpRequest } from '../../kit/index.js'

/** A request that must be refused, and where the fault is, where it is in one place. */
export interface BadRequest {
  name: string
  request: Omit<HttpRequest, 'method'> & { method?: string }
  status: number
  error?: { parameter: string } | { header: string }
}

const history = `${deploymentsPath}/history`
const good = JSON.stringify({ environment: 'dev', imageTag: 'v1' })
const json = { 'Content-Type': 'application/json' }

const query = (text: string, parameter: string): BadRequest => ({
  name: `history?${text.slice(0, 60)}`,
  request: { path: `${history}?${text}` },
  status: 400,
  error: { parameter },
})
/** A good record with a bad header; text of headers goes out as Latin-1. */
const header = (name: string, value: string | string[], status = 400): BadRequest => ({
  name: `${name}: ${JSON.stringify(value).slice(0, 40)}`,
  request: { method: 'POST', path: deploymentsPath, headers: { ...json, [name]: value }, body: good },
  status,
  error: { header: name },
})
const minimum = (value: string): BadRequest => ({
  name: `Shiplog-Min-Position: ${JSON.stringify(value)}`,
  request: { path: history, headers: { 'Shiplog-Min-Position': value } },
  status: 400,
  error: { header: 'Shiplog-Min-Position' },
})
const typed = (name: string, headers: Record<string, string>): BadRequest => ({
  name: `a body ${name}`,
  request: { method: 'POST', path: deploymentsPath, headers, body: good },
  status: 415,
  error: { header: 'Content-Type' },
})
const path = (text: string, status: number, method = 'GET', parameter?: string, body = {}): BadRequest => ({
  name: `${method} ${text.length > 80 ? `${text.slice(0, 80)}... (${text.length})` : text}`,
  request: { method, path: text, ...(method !== 'GET' && { headers: json, body: JSON.stringify(body) }) },
  status,
  ...(parameter !== undefined && { error: { parameter } }),
})

export const badQueries: BadRequest[] = [
  query('dryRun=true', 'dryRun'),
  query('Environment=dev', 'Environment'),
  query('__proto__=a', '__proto__'),
  query('imageTag=v1&imageTag=v2', 'imageTag'),
  query('limit=1&limit=2', 'limit'),
  ...['0', '501', '-1', 'x', '1.5', '1e2', '0x10', '', '99999999999999999999'].map(limit =>
    query(`limit=${limit}`, 'limit'),
  ),
  ...['2026', '2026-02-30T00:00:00Z', '2026-02-12T10:00:00', '2026-W47-6', '0000-01-01T00:00:00Z', ''].map(from =>
    query(`from=${from}`, 'from'),
  ),
  query('to=yesterday', 'to'),
  query('status=deployed', 'status'),
  query('status=DEPLOYED&status=DONE', 'status'),
  query(`application=${'x'.repeat(129)}`, 'application'),
  query('application=', 'application'),
  query('environment=a%00b', 'environment'),
  query('environment=%ff', 'environment'),
  query('environment=%c3%28', 'environment'),
  query('environment=%2', 'environment'),
  query('environment=%', 'environment'),
  ...['x', '%00', '[]', 'e30', 'W10', 'bnVsbA', 'A'.repeat(4000)].map(cursor => query(`cursor=${cursor}`, 'cursor')),
  {
    name: 'current?limit=0',
    request: { path: `${deploymentsPath}/current?limit=0` },
    status: 400,
    error: { parameter: 'limit' },
  },
  {
    name: 'current?cursor=x',
    request: { path: `${deploymentsPath}/current?cursor=x` },
    status: 400,
    error: { parameter: 'cursor' },
  },
  {
    name: 'rollback-target?deploymentId=1',
    request: { path: `${deploymentsPath}/rollback-target?deploymentId=1` },
    status: 400,
    error: { parameter: 'deploymentId' },
  },
  {
    name: 'exists?status=FAILED',
    request: { path: `${deploymentsPath}/tag/v1/exists?status=FAILED` },
    status: 400,
    error: { parameter: 'status' },
  },
]

export const badHeaders: BadRequest[] = [
  ...['', 'a/b', 'a b', 'ü', 'x'.repeat(65), 'a,b', '../a'].map(tenant => header('X-Tenant-ID', tenant)),
  header('X-Tenant-ID', ['a', 'b']),
  ...['', 'k'.repeat(256), 'ü', Buffer.from('κλειδί').toString('latin1'), 'a\tb'].map(key =>
    header('Idempotency-Key', key),
  ),
  header('Idempotency-Key', ['a', 'b']),
  ...['x'.repeat(257), '\u00ff\u00fe'].map(user => header('X-User-ID', user)),
  header('X-User-Email', ''),
  ...['x', '1', '1:', ':1', '1:-1', '1:1.5', '1:1;2:2', '1:1,', '', '99999:1'].map(minimum),
  typed('without a type', {}),
  typed('as a form', { 'Content-Type': 'application/x-www-form-urlencoded' }),
  typed('as text', { 'Content-Type': 'text/plain' }),
  typed('as lines', { 'Content-Type': 'application/x-ndjson' }),
  typed('of a type that is none', { 'Content-Type': 'json' }),
  typed('in Latin-1', { 'Content-Type': 'application/json; charset=latin1' }),
  typed('that is compressed', { ...json, 'Content-Encoding': 'gzip' }),
  {
    name: 'an import of JSON',
    request: { method: 'POST', path: `${deploymentsPath}/import`, headers: json, body: good },
    status: 415,
    error: { header: 'Content-Type' },
  },
  {
    name: 'a body of 2 MiB',
    request: { method: 'POST', path: deploymentsPath, headers: json, body: good.padEnd(2 * 1024 * 1024) },
    status: 413,
  },
]

const unknown = randomUUID()

export const badPaths: BadRequest[] = [
  path('/index.html', 404),
  path('/api/v1/platform/deployment', 404),
  path('/api/v2/platform/deployments/history', 404),
  path(`${deploymentsPath}/../../../../etc/passwd`, 404),
  path(`${history}/`, 404),
  path(`${deploymentsPath}/17`, 400, 'GET', 'id'),
  path(`${deploymentsPath}/17/events`, 400, 'GET', 'id'),
  path(`${deploymentsPath}/17/rollback`, 400, 'POST', 'id'),
  path(`${deploymentsPath}/17/complete`, 400, 'POST', 'id', { status: 'FAILED' }),
  path(`${deploymentsPath}/17/correct`, 400, 'POST', 'id', { notes: 'n', reason: 'r' }),
  path('/api/v1/commands/17', 400, 'GET', 'commandId'),
  path(`${deploymentsPath}/${unknown}`, 404),
  path(`${deploymentsPath}/${unknown}/events`, 404),
  path(`${deploymentsPath}/${unknown}/rollback`, 404, 'POST'),
  path(`/api/v1/commands/${unknown}`, 404),
  path(`${deploymentsPath}/tag/v0/rollback`, 404, 'POST'),
  path(`${deploymentsPath}/tag/a%00b/rollback`, 400, 'POST', 'imageTag'),
  path(`${deploymentsPath}/tag/a%0ab/exists`, 400, 'GET', 'imageTag'),
  path(`${deploymentsPath}/tag/%c3%28/exists`, 400),
  path(`${deploymentsPath}/tag/%2/exists`, 400),
  path(`${deploymentsPath}/tag/%zz/rollback`, 400, 'POST'),
  path(`${deploymentsPath}/tag/${'x'.repeat(300)}/exists`, 400, 'GET', 'imageTag'),
  path(`${deploymentsPath}/tag/${'x'.repeat(9000)}/exists`, 414),
  path(history, 405, 'POST'),
  path(deploymentsPath, 405, 'PUT'),
  path(`${deploymentsPath}/${unknown}`, 405, 'DELETE'),
  path(`${deploymentsPath}/${unknown}`, 405, 'PATCH'),
  path(`${deploymentsPath}/import`, 405, 'PUT'),
  path(`${deploymentsPath}/${unknown}/rollback`, 405, 'GET'),
]

// Runs in a thread of its own, so that its clock does not stand still while the test is busy: a client of another tenant that records and reads,
// and a probe of /healthz. Told anything, it stops and answers with what it saw.
import { Agent, request } from 'node:http'
import { parentPort, workerData } from 'node:worker_threads'

const { url, tenant } = workerData
const { hostname, port } = new URL(url)
const PAUSE_MS = 20
const LIMIT_MS = 30_000

const agent = new Agent({ keepAlive: true })
const stopping = new AbortController()
const seen = { posts: [], reads: [], probes: [], failures: [] }

parentPort.once('message', () => stopping.abort())
await Promise.all([loop(seen.posts, post), loop(seen.reads, read), loop(seen.probes, () => send('GET', '/healthz'))])
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port between threads has no origin
parentPort.postMessage(seen)

async function loop(times, act) {
  for (let n = 1; !stopping.signal.aborted; n++) {
    const since = performance.now()
    await act(n).catch(error => seen.failures.push(String(error)))
    times.push(performance.now() - since)
    await new Promise(resolve => setTimeout(resolve, PAUSE_MS))
  }
}

function post(n) {
  const deployment = { application: 'shop', environment: 'production', imageTag: `v${n}` }
  return send('POST', '/api/v1/platform/deployments', JSON.stringify(deployment))
}

function read() {
  return send('GET', '/api/v1/platform/deployments/history?application=shop&environment=production')
}

function send(method, path, body) {
  return new Promise((resolve, reject) => {
    const headers = { 'X-Tenant-ID': tenant, ...(body && { 'Content-Type': 'application/json' }) }
    const sending = request({ hostname, port, method, path, headers, agent, timeout: LIMIT_MS }, answer => {
      answer.resume()
      answer.on('error', reject)
      answer.on('end', () =>
        answer.statusCode < 400 ? resolve() : reject(new Error(`${method} ${path}: ${answer.statusCode}`)),
      )
    })
    sending.on('timeout', () => sending.destroy(new Error(`${method} ${path}: no answer in ${LIMIT_MS} ms`)))
    sending.on('error', reject)
    sending.end(body)
  })
}

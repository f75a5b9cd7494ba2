import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { loadDemo } from './demo.js'

const records = new Map<string, Record<string, unknown>>()
let posts: { path: string; body: Record<string, unknown>; key?: string }[] = []
let refuse = false
let server: Server
let url: string

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const path = request.url!
    if (request.method === 'GET') {
      const record = records.get(path.split('/').at(-1)!)
      response.writeHead(record || path === '/readyz' ? 200 : 404).end(JSON.stringify(record ?? {}))
      return
    }
    const body = await read(request)
    posts.push({ path, body, key: request.headers['idempotency-key'] as string | undefined })
    if (body.id) records.set(String(body.id), body)
    response.writeHead(refuse ? 422 : 201).end(refuse ? 'no such thing' : '{"id":"p1"}')
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => new Promise(resolve => server.close(resolve)))

test('loadDemo records the history, the rollback and the configuration, and repeats the same requests', async () => {
  await loadDemo(url)
  const first = posts
  posts = []
  await loadDemo(url)

  const deployments = first.filter(({ path }) => path.startsWith('/api/v1/platform/deployments'))
  expect(deployments.length).toBeGreaterThan(38)
  expect(deployments.at(-1)).toMatchObject({
    path: expect.stringMatching(/\/[0-9a-f-]{36}\/rollback$/),
    key: expect.any(String),
  })
  const promotions = first.filter(({ path }) => path.startsWith('/api/v1/config/promotions'))
  const actions = promotions.map(({ path }) => path.split('/').slice(5).join(' '))
  expect(actions.slice(0, 5)).toEqual(['', 'p1 validate', 'p1 approve', 'p1 approve', 'p1 execute'])
  const keys = first.slice(deployments.length).map(({ path, key }) => `${path} ${key}`)
  expect(new Set(keys).size).toBe(keys.length)
  expect(posts).toEqual(first)
})

test('loadDemo fails with the response of the server', async () => {
  refuse = true
  await expect(loadDemo(url)).rejects.toThrow(/422 .*no such thing/)
})

async function read(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>
}

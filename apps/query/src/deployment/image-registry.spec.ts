import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ImageRegistry } from './image-registry.js'

let server: Server
let url: string
let respond: RequestListener
const asked: string[] = []

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    respond(request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
})
beforeEach(() => {
  asked.length = 0
  respond = (_, response) => response.end()
})

const image = (more: { image?: string; imageTag?: string } = {}) => ({
  application: 'checkout',
  imageTag: 'v1',
  ...more,
})

test.each([
  ['the application where no image was recorded', {}, '/v2/checkout/manifests/v1'],
  ['a repository', { image: 'acme/checkout' }, '/v2/acme/checkout/manifests/v1'],
  ['a repository of a host', { image: 'registry.example.com/acme/checkout' }, '/v2/acme/checkout/manifests/v1'],
  ['a host with a port', { image: 'registry:5000/checkout' }, '/v2/checkout/manifests/v1'],
  ['localhost', { image: 'localhost/checkout' }, '/v2/checkout/manifests/v1'],
  ['an image with a tag', { image: 'acme/checkout:v0' }, '/v2/acme/checkout/manifests/v1'],
  ['an image with a digest', { image: 'acme/checkout@sha256:0123' }, '/v2/acme/checkout/manifests/v1'],
])('asks for %s', async (_name, named, path) => {
  expect(await new ImageRegistry({ url }).check(image(named))).toMatchObject({ name: 'image', result: 'pass' })
  expect(asked).toEqual([`HEAD ${path}`])
})

test.each([
  ['a base path', '/registry', '/registry/v2/checkout/manifests/v1'],
  ['a base path with a slash', '/registry/', '/registry/v2/checkout/manifests/v1'],
])('keeps %s', async (_name, path, expected) => {
  await new ImageRegistry({ url: url + path }).check(image())
  expect(asked).toEqual([`HEAD ${expected}`])
})

test.each([
  [200, 'pass'],
  [404, 'fail'],
  [401, 'unknown'],
  [429, 'unknown'],
  [500, 'unknown'],
])('%i is %s', async (status, result) => {
  respond = (_, response) => response.writeHead(status).end()
  expect(await new ImageRegistry({ url }).check(image())).toMatchObject({ result })
})

test.each([
  ['a tag that no image can have', { imageTag: '../../secrets' }],
  ['a name that no image can have', { image: 'acme/../checkout' }],
  ['a name with a query in it', { image: 'acme?x=y' }],
])('does not ask for %s', async (_name, named) => {
  expect(await new ImageRegistry({ url }).check(image(named))).toMatchObject({ result: 'unknown' })
  expect(asked).toEqual([])
})

test('does not wait for a registry that does not respond', async () => {
  respond = () => undefined
  expect(await new ImageRegistry({ url, timeoutMs: 50 }).check(image())).toEqual({
    name: 'image',
    result: 'unknown',
    detail: `The registry at ${new URL(url).host} did not respond within 50 ms.`,
  })
})

test('says so where none is configured, or none is there', async () => {
  expect(await new ImageRegistry({}).check(image())).toMatchObject({ result: 'unknown' })
  const nowhere = new ImageRegistry({ url: 'http://user:secret@127.0.0.1:1' })
  const { result, detail } = await nowhere.check(image())
  expect([result, detail]).toEqual(['unknown', 'The registry at 127.0.0.1:1 cannot be reached.'])
})

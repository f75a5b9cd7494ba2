import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ImageRegistry } from './image-registry.js'

let server: Server
let url: string
let respond: RequestListener
const requests: string[] = []

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
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
  requests.length = 0
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
])('requests the manifest of %s', async (_name, fields, path) => {
  expect(await new ImageRegistry({ url }).check(image(fields))).toMatchObject({ name: 'image', result: 'pass' })
  expect(requests).toEqual([`HEAD ${path}`])
})

test.each([
  ['a base path', '/registry', '/registry/v2/checkout/manifests/v1'],
  ['a base path with a slash', '/registry/', '/registry/v2/checkout/manifests/v1'],
])('keeps %s of the registry URL', async (_name, path, expected) => {
  await new ImageRegistry({ url: url + path }).check(image())
  expect(requests).toEqual([`HEAD ${expected}`])
})

test.each([
  [200, 'pass'],
  [404, 'fail'],
  [401, 'unknown'],
  [429, 'unknown'],
  [500, 'unknown'],
])('maps status %i to %s', async (status, result) => {
  respond = (_, response) => response.writeHead(status).end()
  expect(await new ImageRegistry({ url }).check(image())).toMatchObject({ result })
})

test.each([
  ['an invalid tag', { imageTag: '../../secrets' }],
  ['an invalid name', { image: 'acme/../checkout' }],
  ['a name with a query', { image: 'acme?x=y' }],
])('sends no request for %s', async (_name, fields) => {
  expect(await new ImageRegistry({ url }).check(image(fields))).toMatchObject({ result: 'unknown' })
  expect(requests).toEqual([])
})

test('is unknown where the registry does not respond in time', async () => {
  respond = () => undefined
  expect(await new ImageRegistry({ url, timeoutMs: 50 }).check(image())).toEqual({
    name: 'image',
    result: 'unknown',
    detail: `The registry at ${new URL(url).host} did not respond within 50 ms.`,
  })
})

test('is unknown where no registry is configured, or it cannot be reached', async () => {
  expect(await new ImageRegistry({}).check(image())).toMatchObject({ result: 'unknown' })
  const nowhere = new ImageRegistry({ url: 'http://user:secret@127.0.0.1:1' })
  const { result, detail } = await nowhere.check(image())
  expect([result, detail]).toEqual(['unknown', 'The registry at 127.0.0.1:1 cannot be reached.'])
})

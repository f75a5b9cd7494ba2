import { Controller, Get, Module, Post } from '@nestjs/common'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { Authenticator, Can } from '#libs/auth'
import { Logger, readSettings } from '#libs/operations'
import { createHttpApp, Endpoint, JsonBody, Read, type ReadRequest } from '../index.js'

const text = { operationId: 'getThing', summary: 'Get a thing', description: 'For tests.' }
const responses = { 200: { description: 'A thing.' } }
const log = Logger.create({ app: 'test', level: 'silent' })
const settings = readSettings({ DATABASE_URL: 'postgres://nobody@localhost/none', KAFKA_BROKERS: 'localhost:1' })

@Controller('things')
class ThingController {
  @Get('read')
  @Endpoint({ ...text, permission: 'config:read', responses })
  read(@Read() { principal }: ReadRequest): object {
    return principal
  }

  @Get('both')
  @Endpoint({ ...text, permission: { allOf: ['config:read', 'flags:read'] }, responses })
  both(): object {
    return {}
  }

  @Get('any')
  @Endpoint({ ...text, permission: 'any', responses })
  any(): object {
    return {}
  }

  @Get('public')
  @Endpoint({ ...text, public: true, responses })
  public(): object {
    return {}
  }

  @Post('write')
  @Endpoint({ ...text, permission: 'config:write', body: { schema: { type: 'object' } }, responses })
  write(@JsonBody() body: object): object {
    return body
  }
}

@Controller('undeclared')
class UndeclaredController {
  @Get(':id')
  get(): object {
    return {}
  }
}

@Module({ controllers: [ThingController] })
class ThingModule {}

@Module({ controllers: [ThingController, UndeclaredController] })
class UndeclaredModule {}

const open: NestFastifyApplication[] = []
afterEach(() => Promise.all(open.splice(0).map(app => app.close())))

async function start(module = ThingModule, access: { can?: Can; authenticator?: Authenticator } = {}) {
  const app = await createHttpApp({ module, settings, log, ...access })
  open.push(app)
  await app.init()
  const send = async (method: 'GET' | 'POST', url: string, headers: Record<string, string> = {}, payload?: string) => {
    const response = await app.inject({ method, url, headers, ...(payload !== undefined && { payload }) })
    return { status: response.statusCode, json: response.json<Record<string, unknown>>() }
  }
  return send
}

test('a route that declares neither a permission nor that it is public stops the start', async () => {
  await expect(start(UndeclaredModule)).rejects.toThrow(
    'The route GET /undeclared/:id declares neither `permission` nor `public: true`',
  )
})

test('a route of a controller that looks like the API document stops the start', async () => {
  @Controller('docs')
  class DocsController {
    @Get('more')
    get(): object {
      return {}
    }
  }
  @Module({ controllers: [DocsController] })
  class DocsModule {}
  await expect(start(DocsModule)).rejects.toThrow('GET /docs/more')
})

test('the API document and its page are public', async () => {
  const app = await createHttpApp({ module: ThingModule, settings, log, can: () => false })
  open.push(app)
  await app.init()
  const paths = [
    '/openapi.json',
    '/docs',
    '/docs/',
    '/docs/index.html',
    '/docs/swagger-ui-init.js',
    '/docs/swagger-ui.css',
  ]
  for (const url of [...paths, '/docs/docs/swagger-ui-init.js']) {
    expect([url, (await app.inject({ method: 'GET', url })).statusCode]).toEqual([url, 200])
  }
})

test('the guard asks for the permission of the route, in any part of the tenant of the principal', async () => {
  const asked: unknown[] = []
  const send = await start(ThingModule, {
    can(principal, permission, scope) {
      asked.push([principal.id, principal.tenant, permission, scope])
      return permission === 'config:read'
    },
  })
  const headers = { 'x-tenant-id': 'acme', 'x-user-id': 'ann' }
  expect(await send('GET', '/things/read', headers)).toMatchObject({ status: 200, json: { id: 'ann' } })
  expect(asked).toEqual([['ann', 'acme', 'config:read', {}]])
  for (const [method, path, permission] of [
    ['GET', 'both', 'config:read, flags:read'],
    ['POST', 'write', 'config:write'],
  ] as const) {
    const { status, json } = await send(
      method,
      `/things/${path}`,
      { ...headers, 'content-type': 'application/json' },
      '{}',
    )
    expect([status, json['permission'], json['type']]).toEqual([
      403,
      permission,
      'https://shiplog.dev/problems/forbidden',
    ])
  }
  expect((await send('GET', '/things/any', headers)).status).toBe(200)
})

test('a request is authenticated before its body is read, but not on a public route', async () => {
  const send = await start()
  const headers = { 'x-tenant-id': 'a/b', 'content-type': 'application/json' }
  const { status, json } = await send('POST', '/things/write', headers, 'no JSON')
  expect([status, json['errors']]).toEqual([400, [{ header: 'X-Tenant-ID', detail: expect.any(String) }]])
  expect((await send('GET', '/things/public', headers)).status).toBe(200)
  expect((await send('GET', '/healthz', headers)).status).toBe(200)
  expect((await send('GET', '/nothing', headers)).status).toBe(404)
})

test('another authenticator can take the place of the headers', async () => {
  const send = await start(ThingModule, {
    authenticator: {
      authenticate: async read => ({ id: read('Authorization') ?? '', kind: 'user', tenant: 'acme', verified: true }),
    },
  })
  expect((await send('GET', '/things/read', { authorization: 'Bearer x' })).json).toMatchObject({
    id: 'Bearer x',
    verified: true,
  })
})

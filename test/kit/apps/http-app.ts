import { EventEmitter, once } from 'node:events'
import { Readable } from 'node:stream'
import { Controller, Get, Module, Post, Res } from '@nestjs/common'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyReply } from 'fastify'
import { refuse } from '#libs/contracts'
import { Logger, readSettings } from '#libs/operations'
import {
  ChoicesParameter,
  createHttpApp,
  Endpoint,
  InstantParameter,
  IntegerParameter,
  JsonBody,
  Read,
  type ReadRequest,
  rejectionProblem,
  setPositions,
  StrictQuery,
  TextParameter,
  TextPath,
  UuidPath,
  Write,
  type WriteRequest,
} from '#libs/http'

const thingSchema = {
  type: 'object',
  properties: { name: { type: 'string' }, at: { type: 'string', format: 'instant' }, labels: { type: 'object' } },
  required: ['name'],
  additionalProperties: false,
}

class ThingQuery {
  @IntegerParameter({ minimum: 1, maximum: 500, default: 50, description: 'How many.' })
  limit = 50

  @TextParameter({ maxLength: 5, description: 'A name.' })
  name?: string

  @InstantParameter({ description: 'From.' })
  from?: string

  @ChoicesParameter({ of: ['A', 'B'], description: 'States.' })
  status?: string[]
}

class WindowQuery {
  @InstantParameter({ description: 'Start.', required: true })
  from: string

  @IntegerParameter({ description: 'Length.', minimum: 1, maximum: 9, required: true })
  days: number
}

/** Holds requests to `things/waiting` until it emits `open`. */
export const gate = Object.assign(new EventEmitter().setMaxListeners(0), { waiting: 0 })

class Busy extends Error {
  retryAfterSeconds = 3
}

@Controller('things')
class ThingController {
  @Post()
  @Endpoint({
    operationId: 'recordThing',
    summary: 'A thing',
    description: 'For tests.',
    permission: 'deployments:read',
    body: { schema: thingSchema },
    responses: { 201: { description: 'A thing.' } },
  })
  record(@JsonBody() body: object, @Write() { context, idempotency }: WriteRequest) {
    return { body, caller: context, key: idempotency?.key }
  }

  @Post(':id/optional')
  @Endpoint({
    operationId: 'changeThing',
    summary: 'A thing',
    description: 'For tests.',
    permission: 'deployments:read',
    body: { schema: { type: 'object' }, optional: true },
    responses: { 200: { description: 'A thing.' } },
  })
  optional(@UuidPath('id', 'The thing.') id: string, @JsonBody() body: object) {
    return { id, body }
  }

  @Get()
  @Endpoint({
    operationId: 'listThings',
    summary: 'A thing',
    description: 'For tests.',
    permission: 'deployments:read',
    responses: { 200: { description: 'A thing.' } },
  })
  list(@StrictQuery() query: ThingQuery, @Read() { minPosition }: ReadRequest) {
    return { ...query, minimum: minPosition && [...minPosition] }
  }

  @Get('by/:tag')
  @Endpoint({
    operationId: 'getThing',
    summary: 'A thing',
    description: 'For tests.',
    permission: 'deployments:read',
    responses: { 200: { description: 'A thing.' } },
  })
  one(@TextPath('tag', 'Its tag.') tag: string, @Res({ passthrough: true }) reply: FastifyReply) {
    setPositions(reply, new Map([[3, 17]]))
    return { tag }
  }

  @Get('window')
  @Endpoint({
    operationId: 'getWindow',
    summary: 'A thing',
    description: 'For tests.',
    permission: 'deployments:read',
    responses: { 200: { description: 'A thing.' } },
  })
  window(@StrictQuery() query: WindowQuery) {
    return { ...query }
  }

  /** Is answered when the test says so. */
  @Get('waiting')
  @Endpoint({
    operationId: 'wait',
    summary: 'A thing',
    description: 'For tests.',
    permission: 'deployments:read',
    responses: { 200: { description: 'A thing.' } },
  })
  async wait() {
    gate.waiting += 1
    await once(gate, 'open')
    return {}
  }

  /** More than any buffer on the way takes, as one text or as a stream. */
  @Get('large/:how')
  @Endpoint({
    operationId: 'getLarge',
    summary: 'A thing',
    description: 'For tests.',
    permission: 'deployments:read',
    responses: { 200: { description: 'A thing.' } },
  })
  large(@TextPath('how', 'How.') how: string, @Res() reply: FastifyReply) {
    const chunk = 'x'.repeat(1024 * 1024)
    void reply.send(how === 'stream' ? Readable.from(Array.from({ length: 64 }, () => chunk)) : chunk.repeat(64))
  }

  @Get('failing/:how')
  @Endpoint({
    operationId: 'fail',
    summary: 'A thing',
    description: 'For tests.',
    permission: 'deployments:read',
    responses: { 200: { description: 'A thing.' } },
  })
  fail(@TextPath('how', 'How.') how: string): never {
    if (how === 'busy') throw new Busy('The index is catching up.')
    if (how === 'refused')
      throw rejectionProblem(refuse('conflict', 'it is so', { details: { status: 1, candidates: [] } }))
    throw new Error('password=secret')
  }
}

@Module({ controllers: [ThingController] })
class ThingModule {}

export interface TestApp {
  app: NestFastifyApplication
  /** The app's log lines. */
  logged: string[]
  /** Sends a request; a problem among the answers must be a whole one. */
  send(
    method: 'GET' | 'POST',
    url: string,
    headers?: Record<string, string>,
    payload?: string | Buffer,
  ): Promise<TestResponse>
  /** Sends JSON to the thing that takes it. */
  post(payload: string | Buffer, headers?: Record<string, string>): Promise<TestResponse>
}

interface TestResponse {
  status: number
  headers: Record<string, unknown>
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of any form
  json: Record<string, any>
}

/** An app of its own with calls that show each convention; for tests. */
export async function startTestApp(environment: Record<string, string> = {}): Promise<TestApp> {
  const logged: string[] = []
  const settings = readSettings({
    DATABASE_URL: 'postgres://nobody@localhost/nothing',
    KAFKA_BROKERS: 'localhost:1',
    ...environment,
  })
  const log = Logger.create({ app: 'test', level: 'debug', destination: { write: line => void logged.push(line) } })
  const app = await createHttpApp({ module: ThingModule, settings, log })
  await app.listen(0, '127.0.0.1')
  const send: TestApp['send'] = async (method, url, headers = {}, payload) => {
    const response = await app.inject({ method, url, headers, ...(payload !== undefined && { payload }) })
    const json: TestResponse['json'] = response.body ? response.json() : {}
    if (response.statusCode >= 400) expectProblem(response.statusCode, response.headers, json)
    return { status: response.statusCode, headers: response.headers, json }
  }
  const post: TestApp['post'] = (payload, headers = {}) =>
    send('POST', '/things', { 'content-type': 'application/json', ...headers }, payload)
  return { app, logged, send, post }
}

function expectProblem(status: number, headers: TestResponse['headers'], json: TestResponse['json']): void {
  expect(headers['content-type']).toMatch(/^application\/problem\+json/)
  expect(json).toMatchObject({ status, title: expect.any(String), detail: expect.any(String) })
  expect(json['type']).toMatch(/^https:\/\/shiplog\.dev\/problems\/[a-z-]+$/)
  expect(json['requestId']).toBe(headers['x-request-id'])
}

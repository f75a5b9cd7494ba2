import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import { ApiHeader } from '@nestjs/swagger'
import type { FastifyRequest } from 'fastify'
import { isTenant, type Person } from '#libs/contracts'
import { currentRequest } from '#libs/operations'
import { documented } from './documented.js'
import { readHeader, readHeaderAs } from './headers.js'
import { headerProblem } from './problem.js'
import { traceparentOf } from './request-id.js'

/** Who asks, as the headers say it. */
export interface Caller {
  tenant: string
  /** X-User-ID, else X-User-Email. */
  actor?: string
  /** X-Correlation-Id, else the request id: what holds together everything that belongs to one thing. */
  correlationId: string
  traceparent?: string
}

// oxlint-disable-next-line no-control-regex -- a person's name may have any character but these
const person = /^[^\u0000-\u001f\u007f]{1,256}$/
const printable = /^[\x20-\x7e]{1,255}$/

/** Reads for which tenant a request is; throws a 400 where its header is malformed. */
export function readTenant(request: FastifyRequest): string {
  const tenant = readHeader(request, 'X-Tenant-ID')
  if (tenant === undefined) return 'default'
  if (isTenant(tenant)) return tenant
  throw headerProblem('X-Tenant-ID', 'must be 1 to 64 of letters, digits, dots, underscores and hyphens')
}

/** Reads who asks; throws a 400 naming the header that is malformed. */
function readCaller(request: FastifyRequest): Caller {
  const tenant = readTenant(request)
  const { userId, userEmail } = readPerson(request)
  const actor = userId ?? userEmail
  const correlationId = readHeaderAs(
    request,
    'X-Correlation-Id',
    printable,
    'must be 1 to 255 printable ASCII characters',
  )
  const traceparent = traceparentOf(request)
  const context = currentRequest()
  if (context) context.tenant = tenant
  return {
    tenant,
    ...(actor !== undefined && { actor }),
    correlationId: correlationId ?? request.id,
    ...(traceparent !== undefined && { traceparent }),
  }
}

/** Reads who acts; throws a 400 naming the header that is malformed. */
function readPerson(request: FastifyRequest): Person {
  const must = 'must be 1 to 256 characters, none of them control characters'
  const userId = readHeaderAs(request, 'X-User-ID', person, must)
  const userEmail = readHeaderAs(request, 'X-User-Email', person, must)
  return { ...(userId !== undefined && { userId }), ...(userEmail !== undefined && { userEmail }) }
}

/** Reads the Idempotency-Key; throws a 400 where it is there and not 1-255 printable ASCII characters. */
function readIdempotencyKey(request: FastifyRequest): string | undefined {
  return readHeaderAs(request, 'Idempotency-Key', printable, 'must be 1 to 255 printable ASCII characters')
}

const callerParameter = createParamDecorator((_: unknown, context: ExecutionContext) =>
  readCaller(context.switchToHttp().getRequest()),
)
const keyParameter = createParamDecorator((_: unknown, context: ExecutionContext) =>
  readIdempotencyKey(context.switchToHttp().getRequest()),
)
const personParameter = createParamDecorator((_: unknown, context: ExecutionContext) =>
  readPerson(context.switchToHttp().getRequest()),
)
const tenantHeader = ApiHeader({
  name: 'X-Tenant-ID',
  description: 'The organisation that it is about; `default` where left out.',
  required: false,
  schema: { type: 'string', pattern: '^[A-Za-z0-9._-]{1,64}$', default: 'default' },
})
const userHeaders = [
  ApiHeader({
    name: 'X-User-ID',
    description: 'Who asks.',
    required: false,
    schema: { type: 'string', maxLength: 256 },
  }),
  ApiHeader({
    name: 'X-User-Email',
    description: 'Who asks, by address. Whoever has acted under the same id or the same address is the same person.',
    required: false,
    schema: { type: 'string', maxLength: 256 },
  }),
]

const correlationHeader = ApiHeader({
  name: 'X-Correlation-Id',
  description: 'What the request belongs to: it is kept with every event. Its X-Request-Id where left out.',
  required: false,
  schema: { type: 'string', minLength: 1, maxLength: 255 },
})

/** Parameter `caller: Caller` of a write. */
export const WriteCaller = (): ParameterDecorator =>
  documented(callerParameter(), tenantHeader, ...userHeaders, correlationHeader)

/** Parameter `person: Person`: whoever acts, by both names; neither where nobody says so. */
export const ActingPerson = (): ParameterDecorator => documented(personParameter(), ...userHeaders)

/** Parameter `caller: Caller` of a read. */
export const ReadCaller = (): ParameterDecorator => documented(callerParameter(), tenantHeader)

/** Parameter `key: string | undefined`: the request's Idempotency-Key. */
export const IdempotencyKey = (): ParameterDecorator =>
  documented(
    keyParameter(),
    ApiHeader({
      name: 'Idempotency-Key',
      description:
        'Makes a repeat safe: the same key and body get the first answer again (200), another body is refused (422), and so is ' +
        'another actor.',
      required: false,
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    }),
  )

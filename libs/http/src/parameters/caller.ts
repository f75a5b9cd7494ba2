import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import { ApiHeader } from '@nestjs/swagger'
import type { FastifyRequest } from 'fastify'
import { type CommandContext, isTenant, type Person } from '#libs/contracts'
import { currentRequest } from '#libs/operations'
import { documented } from '../openapi/documented.js'
import { readHeader, readHeaderAs } from '../request/headers.js'
import { headerProblem } from '../problem/problem.js'
import { traceparentOf } from '../request/request-id.js'

// oxlint-disable-next-line no-control-regex -- control characters are excluded
const person = /^[^\u0000-\u001f\u007f]{1,256}$/
const printable = /^[\x20-\x7e]{1,255}$/

/** Reads the tenant of a request, `default` without X-Tenant-ID; throws a 400 if the header is malformed. */
export function readTenant(request: FastifyRequest): string {
  const tenant = readHeader(request, 'X-Tenant-ID')
  if (tenant === undefined) return 'default'
  if (isTenant(tenant)) return tenant
  throw headerProblem('X-Tenant-ID', 'must be 1 to 64 letters, digits, dots, underscores or hyphens')
}

/** Reads the tenant and the actor; throws a 400 that names a malformed header. */
function readCaller(request: FastifyRequest): CommandContext {
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

/** Reads the actor; throws a 400 that names a malformed header. */
function readPerson(request: FastifyRequest): Person {
  const must = 'must be 1 to 256 characters without control characters'
  const userId = readHeaderAs(request, 'X-User-ID', person, must)
  const userEmail = readHeaderAs(request, 'X-User-Email', person, must)
  return { ...(userId !== undefined && { userId }), ...(userEmail !== undefined && { userEmail }) }
}

/** Reads the Idempotency-Key; throws a 400 unless it is 1 to 255 printable ASCII characters. */
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
  description: 'The tenant whose data the request reads or changes.',
  required: false,
  schema: { type: 'string', pattern: '^[A-Za-z0-9._-]{1,64}$', default: 'default' },
})
const userHeaders = [
  ApiHeader({
    name: 'X-User-ID',
    description: 'Id of the person or system that acts, without control characters.',
    required: false,
    schema: { type: 'string', pattern: person.source },
  }),
  ApiHeader({
    name: 'X-User-Email',
    description:
      'Email address of the person that acts, without control characters. The same id or the same address is the same person.',
    required: false,
    schema: { type: 'string', pattern: person.source },
  }),
]

const correlationHeader = ApiHeader({
  name: 'X-Correlation-Id',
  description: 'Printable ASCII, stored with every event of the request. Default: its `X-Request-Id`.',
  required: false,
  schema: { type: 'string', pattern: printable.source },
})

/** Parameter `caller: CommandContext` of a write. */
export const WriteCaller = (): ParameterDecorator =>
  documented(callerParameter(), tenantHeader, ...userHeaders, correlationHeader)

/** Parameter `person: Person`: the id and the address of the actor, as far as the request has them. */
export const ActingPerson = (): ParameterDecorator => documented(personParameter(), ...userHeaders)

/** Parameter `caller: CommandContext` of a read. */
export const ReadCaller = (): ParameterDecorator => documented(callerParameter(), tenantHeader)

/** Parameter `key: string | undefined`: the request's Idempotency-Key. */
export const IdempotencyKey = (): ParameterDecorator =>
  documented(
    keyParameter(),
    ApiHeader({
      name: 'Idempotency-Key',
      description:
        'Printable ASCII. Makes a retry safe: a repeat with the same key, body and actor gets the first response again (200); ' +
        'with another body or actor it is refused (422).',
      required: false,
      schema: { type: 'string', pattern: printable.source },
    }),
  )

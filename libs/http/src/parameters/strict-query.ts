import {
  type ArgumentMetadata,
  type CanActivate,
  type ExecutionContext,
  type PipeTransform,
  Query,
  type Type,
} from '@nestjs/common'
import { plainToInstance } from 'class-transformer'
import { getMetadataStorage, validateSync, type ValidationError } from 'class-validator'
import type { FastifyRequest } from 'fastify'
import { parameterProblem } from '../problem/problem.js'
import { isRepeatable } from './query-parameters.js'

const takesQuery = Symbol('accepts query parameters')

/** Parameter `query: SomeQuery`: the query string as a class with the decorators of `query-parameters`; unknown parameters are a 400. */
export function StrictQuery(): ParameterDecorator {
  return (target, key, index) => {
    Query(new StrictQueryPipe())(target, key, index)
    if (key === undefined) return
    const method: unknown = Reflect.get(target, key)
    if (typeof method === 'function') Reflect.defineMetadata(takesQuery, true, method)
  }
}

/** Parses a query string; throws a 400 that names each unknown, repeated or invalid parameter. */
class StrictQueryPipe implements PipeTransform {
  transform(value: Record<string, string | string[]>, { metatype }: ArgumentMetadata): object {
    if (!metatype) throw new Error('a parameter with @StrictQuery() needs a class as its type')
    return readQuery(metatype as Type<object>, value)
  }
}

function readQuery<T extends object>(type: Type<T>, raw: Record<string, string | string[]>): T {
  const known = parametersOf(type)
  // Before class-transformer, which fails on names such as __proto__.
  const refused = Object.entries(raw).flatMap(([parameter, value]) => {
    if (!known.has(parameter)) return [{ parameter, detail: 'is not a known parameter' }]
    const again = Array.isArray(value) && !isRepeatable(type, parameter)
    return again ? [{ parameter, detail: 'occurs more than once' }] : []
  })
  if (refused.length > 0) throw parameterProblem(refused)
  const query = plainToInstance(type, { ...raw }, { exposeDefaultValues: true })
  const errors = validateSync(query, { whitelist: true, forbidNonWhitelisted: true, stopAtFirstError: true })
  if (errors.length > 0) throw parameterProblem(errors.map(describe))
  return query
}

function parametersOf(type: Type<object>): Set<string> {
  const metadata = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false)
  return new Set(metadata.map(({ propertyName }) => propertyName))
}

function describe({ property, constraints = {} }: ValidationError): { parameter: string; detail: string } {
  const [message = 'is not valid'] = Object.values(constraints)
  return { parameter: property, detail: message }
}

/** Refuses query parameters on routes that accept none. */
export class NoUnknownQuery implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http' || Reflect.getMetadata(takesQuery, context.getHandler())) return true
    const { query } = context.switchToHttp().getRequest<FastifyRequest>()
    const unknown = Object.keys(query as object)
    if (unknown.length === 0) return true
    throw parameterProblem(unknown.map(parameter => ({ parameter, detail: 'is not a known parameter' })))
  }
}

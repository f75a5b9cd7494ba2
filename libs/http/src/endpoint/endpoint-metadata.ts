import type { Validator } from '#libs/contracts'

const kindKey = Symbol('kind of an endpoint')
const bodyKey = Symbol('body of an endpoint')

export type EndpointKind = 'read' | 'write'

/** How the body of an endpoint is checked. */
export interface CheckedBody {
  validate: Validator
  optional: boolean
}

/** Notes that a handler has a parameter `@Read()` or `@Write()`; parameters are decorated before their method. */
export function noteKind(kind: EndpointKind): MethodDecorator {
  return (_target, _key, descriptor) => Reflect.defineMetadata(kindKey, kind, descriptor.value as object)
}

export function kindOf(handler: object): EndpointKind | undefined {
  return Reflect.getMetadata(kindKey, handler) as EndpointKind | undefined
}

export function noteBody(handler: object, body: CheckedBody): void {
  Reflect.defineMetadata(bodyKey, body, handler)
}

/** How the body of a handler is checked. Throws if its `@Endpoint` declares no JSON body, which is a fault of the program. */
export function bodyOf(handler: object): CheckedBody {
  const body = Reflect.getMetadata(bodyKey, handler) as CheckedBody | undefined
  if (!body) throw new Error('a parameter with @JsonBody() needs the `body` of @Endpoint')
  return body
}

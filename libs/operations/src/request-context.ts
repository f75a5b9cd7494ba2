import { AsyncLocalStorage } from 'node:async_hooks'

/** Fields of every log line of a request. */
export interface RequestContext {
  requestId: string
  tenant?: string
}

const storage = new AsyncLocalStorage<RequestContext>()

/** Runs a function and its asynchronous work in the context of a request. */
export function runInRequest<T>(context: RequestContext, run: () => T): T {
  return storage.run(context, run)
}

/** The context of the current request; `undefined` outside one. */
export function currentRequest(): RequestContext | undefined {
  return storage.getStore()
}

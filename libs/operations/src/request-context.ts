import { AsyncLocalStorage } from 'node:async_hooks'

/** What every log line of a request carries. */
export interface RequestContext {
  requestId: string
  tenant?: string
}

const storage = new AsyncLocalStorage<RequestContext>()

/** Runs a function, and all that it begins, as part of a request. */
export function runInRequest<T>(context: RequestContext, run: () => T): T {
  return storage.run(context, run)
}

/** The request that is being served; `undefined` outside of one. */
export function currentRequest(): RequestContext | undefined {
  return storage.getStore()
}

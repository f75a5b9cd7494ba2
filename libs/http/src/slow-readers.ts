import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'

/**
 * Breaks off an answer whose client does not take it: within this time all of it that is there must be on its way. An answer that is a
 * stream may last, as long as its client takes what comes.
 *
 * @returns ends that
 */
export function breakOffUnread(response: ServerResponse, withinMs: number, payload?: unknown): () => void {
  const stream = payload instanceof Readable ? payload : undefined
  const timer = setTimeout(() => {
    const isAwaited = stream?.readableEnded === false && !response.writableNeedDrain
    if (isAwaited) timer.refresh()
    else response.destroy()
  }, withinMs)
  const again = () => timer.refresh()
  const stop = () => {
    clearTimeout(timer)
    // It would begin again, and a request that was dropped with its connection may still emit these.
    stream?.off('end', again)
    response.off('drain', again)
  }
  stream?.once('end', again)
  response.on('drain', again).once('finish', stop).once('close', stop)
  return stop
}

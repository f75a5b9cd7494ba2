import type { LogBatch } from '#libs/event-log'
import { BatchCoalescer } from './batch-coalescer.js'

const batch = (partition: number, records: number, bytes = 1000) => {
  const record = () => ({ value: { length: bytes } })
  return { partition, records: Array.from({ length: records }, record) } as unknown as LogBatch
}

/** Work that ends when the test calls `end`. */
function work() {
  const together: { batches: LogBatch[]; end(applied: LogBatch[]): void }[] = []
  const alone: { batch: LogBatch; end(): void }[] = []
  return {
    started: { together, alone },
    together: (batches: LogBatch[]) => new Promise<LogBatch[]>(resolve => together.push({ batches, end: resolve })),
    alone: (one: LogBatch) => new Promise<void>(resolve => alone.push({ batch: one, end: resolve })),
  }
}

const settled = () => new Promise(resolve => setTimeout(resolve, 5))

describe('BatchCoalescer', () => {
  test('applies small batches together, with all that arrive during the previous transaction', async () => {
    const { started, ...running } = work()
    const coalescer = new BatchCoalescer(running, 4)
    const [a, b, c, d] = [batch(0, 3), batch(1, 99), batch(2, 1), batch(3, 1)]
    const first = [coalescer.handle(a), coalescer.handle(b)]
    await settled()
    const second = [coalescer.handle(c), coalescer.handle(d)]
    await settled()
    expect(started.together.map(({ batches }) => batches)).toEqual([[a, b]])

    started.together[0]!.end([a, b])
    await Promise.all(first)
    await settled()
    expect(started.together[1]!.batches).toEqual([c, d])
    started.together[1]!.end([c, d])
    await Promise.all(second)
    expect(started.alone).toEqual([])
  })

  test('applies large batches alone, up to the limit at a time', async () => {
    const { started, ...running } = work()
    const coalescer = new BatchCoalescer(running, 2)
    const all = [0, 1, 2].map(partition => coalescer.handle(batch(partition, 100)))
    await settled()
    expect(started.alone).toHaveLength(2)

    started.alone[0]!.end()
    await all[0]
    await settled()
    expect(started.alone.map(({ batch: { partition } }) => partition)).toEqual([0, 1, 2])
    expect(started.together).toEqual([])
  })

  test('applies a batch alone if it was not applied with others', async () => {
    const { started, ...running } = work()
    const coalescer = new BatchCoalescer(running, 4)
    const [good, bad] = [batch(0, 1), batch(1, 1)]
    const handled = [coalescer.handle(good), coalescer.handle(bad)]
    await settled()
    started.together[0]!.end([good])
    await handled[0]
    await settled()
    expect(started.alone.map(({ batch: one }) => one)).toEqual([bad])
    started.alone[0]!.end()
    await handled[1]
  })

  test('applies a batch of many bytes alone, and divides small batches by their size', async () => {
    const { started, ...running } = work()
    const coalescer = new BatchCoalescer(running, 4)
    const large = batch(0, 1, 300 * 1024)
    const small = [1, 2, 3, 4, 5, 6].map(partition => batch(partition, 1, 200 * 1024))
    const handled = [large, ...small].map(one => coalescer.handle(one))
    await settled()
    expect(started.alone.map(({ batch: one }) => one)).toEqual([large])
    expect(started.together.map(({ batches }) => batches)).toEqual([small.slice(0, 5)])

    started.together[0]!.end(small.slice(0, 5))
    await Promise.all(handled.slice(1, 6))
    await settled()
    expect(started.together[1]!.batches).toEqual(small.slice(5))
    started.together[1]!.end(small.slice(5))
    started.alone[0]!.end()
    await Promise.all(handled)
  })
})

import { ReorderBuffer } from './reorder-buffer.js'

/** Work that ends when `finish` is called. */
function work<T>() {
  let finish!: (result: T) => void
  const done = new Promise<T>(resolve => (finish = resolve))
  return { done, finish }
}

/** Whether a promise has settled by the next turn of the event loop. */
async function settles(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending')
  const turn = new Promise(resolve => setImmediate(() => resolve(pending)))
  return (await Promise.race([promise, turn])) !== pending
}

describe('ReorderBuffer', () => {
  it('returns results in the order of the work, all that are available at once', async () => {
    const window = new ReorderBuffer<number>(() => 10, 100)
    const [one, two, three] = [work<number>(), work<number>(), work<number>()]
    for (const { done } of [one, two, three]) window.add(done, 1)
    window.end()
    const results = window.results()
    const first = results.next()
    two.finish(2)
    expect(await settles(first)).toBe(false)
    one.finish(1)
    expect((await first).value).toEqual([1, 2])
    three.finish(3)
    expect((await results.next()).value).toEqual([3])
    expect((await results.next()).done).toBe(true)
  })

  it.each([
    ['the maximum number of entries', 2, 100, 1],
    ['the maximum weight', 100, 2, 1],
    ['one entry beyond the maximum weight', 100, 1, 2],
  ])('has no room while %s is in progress', async (_, entries, weight, each) => {
    const window = new ReorderBuffer<number>(() => entries, weight)
    const results = window.results()
    const all = []
    while (await settles(window.room())) {
      const next = work<number>()
      window.add(next.done, each)
      all.push(next)
    }
    expect(all).toHaveLength(each === 2 ? 1 : 2)
    const room = window.room()
    all[0]!.finish(0)
    expect(await settles(room)).toBe(false)
    await results.next()
    expect(await settles(room)).toBe(true)
  })
})

import { FairQueue, QueueBusy } from './fair-queue.js'

const never = new AbortController().signal

/** A queue, and the names of the work that it started; each piece of work ends when the test calls `end`. */
function queueOf(turns: number, waiting = { ofGroup: 10, ofAll: 20 }) {
  const queue = new FairQueue({ turns, waiting })
  const started: string[] = []
  const ends = new Map<string, () => void>()
  const submit = (name: string, signal = never) => {
    const work = queue.run(name[0]!, signal, async () => {
      started.push(name)
      await new Promise<void>(resolve => ends.set(name, resolve))
      return name
    })
    work.catch(() => undefined)
    return work
  }
  const end = async (name: string) => {
    ends.get(name)!()
    // Waits until the queue has started the next work.
    await new Promise(resolve => setImmediate(resolve))
  }
  return { queue, started, submit, end }
}

it('FairQueue runs the work of a group one at a time, in order', async () => {
  const { started, submit, end } = queueOf(3)
  const first = submit('a1')
  submit('a2')
  submit('a3')
  await new Promise(resolve => setImmediate(resolve))
  expect(started).toEqual(['a1'])
  await end('a1')
  await end('a2')
  expect(started).toEqual(['a1', 'a2', 'a3'])
  expect(await first).toBe('a1')
})

it('FairQueue alternates between groups, however much work one of them submits', async () => {
  const { started, submit, end } = queueOf(1)
  for (const name of ['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1']) submit(name)
  await new Promise(resolve => setImmediate(resolve))
  for (const name of ['a1', 'b1', 'c1', 'a2', 'b2']) await end(name)
  expect(started).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3'])
})

it('FairQueue runs as many pieces of work at once as it has turns', async () => {
  const { started, submit, end } = queueOf(2)
  for (const name of ['a1', 'b1', 'c1', 'a2']) submit(name)
  await new Promise(resolve => setImmediate(resolve))
  expect(started).toEqual(['a1', 'b1'])
  await end('b1')
  expect(started).toEqual(['a1', 'b1', 'c1'])
})

it('FairQueue continues after work that failed', async () => {
  const { queue } = queueOf(1)
  await expect(queue.run('a', never, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed')
  expect(await queue.run('a', never, async () => 'done')).toBe('done')
})

it('FairQueue rejects work above the limit of a group and of all groups', async () => {
  const { submit } = queueOf(1, { ofGroup: 2, ofAll: 3 })
  submit('a0')
  for (const name of ['a1', 'a2']) submit(name)
  await expect(submit('a3')).rejects.toThrow(QueueBusy)
  submit('b1')
  await expect(submit('c1')).rejects.toThrow(QueueBusy)
})

it('FairQueue rejects waiting work when its signal aborts, but not work that has started', async () => {
  const { started, submit, end } = queueOf(1)
  const deadline = new AbortController()
  const running = submit('a1', deadline.signal)
  const waiting = submit('b1', deadline.signal)
  submit('c1')
  await new Promise(resolve => setImmediate(resolve))
  deadline.abort()
  await expect(waiting).rejects.toThrow(QueueBusy)
  await expect(submit('d1', deadline.signal)).rejects.toThrow(QueueBusy)
  await end('a1')
  expect(await running).toBe('a1')
  expect(started).toEqual(['a1', 'c1'])
})

import { Readiness } from '../index.js'

describe('readiness', () => {
  it('is that of all parts; a check that throws is not ok', async () => {
    const readiness = new Readiness()
    readiness.add('postgres', () => ({ ok: true }))
    expect(await readiness.look()).toEqual({ ready: true, parts: { postgres: { ok: true } } })
    readiness.add('kafka', () => Promise.reject(new Error('no broker answers')))
    expect(await readiness.look()).toEqual({
      ready: false,
      parts: { postgres: { ok: true }, kafka: { ok: false, detail: 'no broker answers' } },
    })
  })

  it('does not wait for a part that hangs', async () => {
    jest.useFakeTimers()
    const readiness = new Readiness()
    readiness.add('postgres', () => new Promise(() => undefined))
    const look = readiness.look()
    await jest.advanceTimersByTimeAsync(2000)
    expect((await look).parts['postgres']).toEqual({ ok: false, detail: 'no response within 2000 ms' })
    jest.useRealTimers()
  })
})

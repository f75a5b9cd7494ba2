import { Readiness } from '../index.js'

describe('readiness', () => {
  it('requires all parts, and treats a check that throws as not ok', async () => {
    const readiness = new Readiness()
    readiness.add('postgres', () => ({ ok: true }))
    expect(await readiness.look()).toEqual({ ready: true, parts: { postgres: { ok: true } } })
    readiness.add('kafka', () => Promise.reject(new Error('no broker answers')))
    expect(await readiness.look()).toEqual({
      ready: false,
      parts: { postgres: { ok: true }, kafka: { ok: false, detail: 'no broker answers' } },
    })
  })

  it('reports a part that does not respond within 2 s', async () => {
    jest.useFakeTimers()
    const readiness = new Readiness()
    readiness.add('postgres', () => new Promise(() => undefined))
    const look = readiness.look()
    await jest.advanceTimersByTimeAsync(2000)
    expect((await look).parts['postgres']).toEqual({ ok: false, detail: 'no response within 2000 ms' })
    jest.useRealTimers()
  })
})

import type { Json, PatternSchema } from '#libs/contracts'
import { QueueBusy } from '#libs/worker-pool'
import { CheckCutOff, KeyChecks } from './index.js'

/** References that expand to 2^40 checks. */
const chain = Array.from({ length: 40 }, (_, n) => {
  const next = { $ref: `#/$defs/a${n + 1}` }
  return [`a${n}`, { allOf: [next, next] }]
})
const endless: Json = { $ref: '#/$defs/a0', $defs: { ...Object.fromEntries(chain), a40: { type: 'string' } } }

/** Nested errors that exceed the heap. */
const level = (next: Json) => ({ anyOf: Array.from({ length: 200 }, () => next) })
const large: Json = {
  $ref: '#/$defs/a',
  $defs: { a: level({ $ref: '#/$defs/b' }), b: level({ $ref: '#/$defs/c' }), c: level({ type: 'number' }) },
}

let checks: KeyChecks

beforeAll(() => (checks = new KeyChecks({ threads: 2, deadlineMs: 30_000 })))
afterAll(() => checks.close())

const check = (tenant: string, schema: Json, value: Json, by = checks) =>
  by.turn(tenant, turn => turn.values([{ pattern: '*', schema }], [{ key: 'a', value }]))

it('KeyChecks selects keys by globs', async () => {
  const selected = checks.turn('a', turn => turn.select(['a.*', 'x', '*.b'], ['a.b', 'a.c', 'c.b', 'd']))
  expect(await selected).toEqual({ keys: [0, 1, 2], unmatched: [1] })
  expect(await checks.turn('a', turn => turn.select([], ['a']))).toEqual({ keys: [], unmatched: [] })
  expect(await checks.turn('a', turn => turn.select(['a*', '*'], ['a', 'b']))).toEqual({ keys: [0, 1], unmatched: [] })
})

it('KeyChecks reports the errors of a schema', async () => {
  const found = await checks.turn('a', turn => turn.schema({ properties: { a: { $async: true } } }))
  expect(found).toEqual([{ pointer: '/properties/a/$async', detail: 'is not a keyword of JSON Schema 2020-12' }])
})

it('KeyChecks reports values that do not match their schemas, and secrets as not checked', async () => {
  const schemas: PatternSchema[] = [
    { pattern: 'x*', schema: false },
    { pattern: 'a*', schema: { type: 'number' } },
    { pattern: '*', schema: { $dynamicRef: '#a' } },
    { pattern: '*b', schema: { allOf: [{ $ref: '#' }] } },
  ]
  const found = await checks.turn('a', turn =>
    turn.values(schemas, [
      { key: 'ab', value: 'x' },
      { key: 'ac', value: 1 },
      { key: 'ad', secret: true },
    ]),
  )
  expect(found).toEqual({
    more: 0,
    findings: [
      { schema: 1, kind: 'misfit', entry: 0, pointer: '', detail: expect.stringMatching(/Expected "number"/) },
      { schema: 1, kind: 'secret', entry: 2 },
      { schema: 2, kind: 'unusable', detail: expect.stringMatching(/^`\/\$dynamicRef` is not supported/) },
      { schema: 3, kind: 'unusable', detail: 'has endless recursion' },
    ],
  })
})

it('KeyChecks returns 1000 findings and counts the others', async () => {
  const entries = Array.from({ length: 1500 }, (_, n) => ({ key: `${n}`, value: 'x' }))
  const schema = { enum: Array.from({ length: 500 }, (_, n) => `value ${n}`) }
  const found = await checks.turn('a', turn => turn.values([{ pattern: '*', schema }], entries))
  expect([found.findings.length, found.more]).toEqual([1000, 500])
  expect(JSON.stringify(found).length).toBeLessThan(400_000)
})

it('KeyChecks stops a check at its deadline, reports its schema, and runs other checks meanwhile', async () => {
  const short = new KeyChecks({ threads: 2, deadlineMs: 3000 })
  const events: string[] = []
  const schemas: PatternSchema[] = [
    { pattern: '*', schema: { type: 'string' } },
    { pattern: '*', schema: endless },
  ]
  const slow = short
    .turn('slow', turn => turn.values(schemas, [{ key: 'a', value: 'x' }]))
    .catch((error: unknown) => error)
    .finally(() => events.push('cut off'))
  for (let n = 0; n < 3; n++) {
    expect((await check('quick', { type: 'number' }, n, short)).findings).toEqual([])
    events.push('quick')
  }
  const error = (await slow) as CheckCutOff
  expect(error).toBeInstanceOf(CheckCutOff)
  expect(error).toMatchObject({ by: 'time', schema: 1 })
  expect(events).toEqual(['quick', 'quick', 'quick', 'cut off'])
  // Its thread was ended and replaced.
  expect((await check('slow', { type: 'number' }, 1, short)).findings).toEqual([])
  await short.close()
})

it('KeyChecks rejects a check that waited too long for slow ones of its tenant', async () => {
  const short = new KeyChecks({ threads: 2, deadlineMs: 1000 })
  const slow = check('slow', endless, 'x', short).catch((error: unknown) => error)
  const behind = check('slow', true, 'x', short).catch((error: unknown) => error)
  expect(await slow).toBeInstanceOf(CheckCutOff)
  expect(await behind).toBeInstanceOf(QueueBusy)
  await short.close()
})

it('KeyChecks stops a check that takes too much memory', async () => {
  await expect(check('a', large, 'x')).rejects.toMatchObject({ name: 'CheckCutOff', by: 'memory' })
  expect((await check('a', { type: 'number' }, 1)).findings).toEqual([])
})

import fc from 'fast-check'
import {
  type ChangeConfiguration,
  type ConfigurationChange,
  type ConfigurationEvent,
  type ConfigurationSetting,
  type Json,
  type Rejection,
  type SealedValue,
  secretMask,
} from '#libs/contracts'
import { configuration, entryOf } from '#libs/domain'

const now = '2026-02-12T12:00:00Z'
const sealed = (value: string, ciphertext = value): SealedValue => ({
  keyId: 'k1',
  ciphertext,
  hash: `hash of ${value}`,
})

const change = (more: Partial<ChangeConfiguration> = {}): ChangeConfiguration => ({
  type: 'ChangeConfiguration',
  environment: 'staging',
  kind: 'configuration',
  now,
  by: 'dev',
  set: [],
  delete: [],
  ...more,
})
const put = (key: string, value: Json, more: Partial<ConfigurationSetting> = {}) =>
  change({ set: [{ key, value, ...more }] })
const changed = (...changes: Omit<ConfigurationChange, 'kind'>[]): ConfigurationEvent => ({
  type: 'ConfigurationChanged',
  environment: 'staging',
  changedAt: now,
  by: 'dev',
  changes: changes.map(({ key, ...sides }) => ({ kind: 'configuration', key, ...sides })),
})
const timeout = changed({ key: 'query.timeout', after: { value: '120s', description: 'of one query' } })
const password = changed({ key: 'db.password', after: { sealed: sealed('hunter2') } })

const stateAfter = (...events: ConfigurationEvent[]) => events.reduce(configuration.evolve, configuration.initial)
function given(...events: ConfigurationEvent[]) {
  return { when: (command: ChangeConfiguration) => configuration.decide(command, stateAfter(...events)) }
}
const refusal = (code: Rejection['code'], reason: RegExp) =>
  expect.objectContaining({ code, reason: expect.stringMatching(reason) })

describe('ChangeConfiguration', () => {
  it('adds a key', () => {
    expect(given().when(put('query.timeout', '120s', { description: 'of one query' }))).toEqual([timeout])
  })

  it('keeps the description of a key and records its previous entry', () => {
    const before = { value: '120s', description: 'of one query' }
    expect(given(timeout).when(put('query.timeout', null))).toEqual([
      changed({ key: 'query.timeout', before, after: { value: null, description: 'of one query' } }),
    ])
  })

  it('records a change of the description alone', () => {
    expect(given(timeout).when(put('query.timeout', '120s', { description: 'of all' }))).toMatchObject([
      { changes: [{ after: { value: '120s', description: 'of all' } }] },
    ])
  })

  it.each<[string, Json, Json]>([
    ['the same number written differently', 1, 1.0],
    ['the same members in another order', { a: 1, b: [2] }, { b: [2], a: 1 }],
    ['null again', null, null],
  ])('records no change for %s', (_, before, after) => {
    expect(given(changed({ key: 'a', after: { value: before } })).when(put('a', after))).toEqual([])
  })

  it.each<[string, Json, Json]>([
    ['a string instead of a number', 1, '1'],
    ['another order of an array', [1, 2], [2, 1]],
    ['null instead of an empty string', '', null],
    ['false instead of null', null, false],
  ])('records a change for %s', (_, before, after) => {
    expect(given(changed({ key: 'a', after: { value: before } })).when(put('a', after))).toHaveLength(1)
  })

  it('omits `by` if the command does not have it', () => {
    const { by: _, ...nobody } = put('a', 1)
    expect(given().when(nobody)).toEqual([expect.not.objectContaining({ by: expect.anything() })])
  })
})

describe('ChangeConfiguration of several keys', () => {
  const both = change({
    set: [
      { key: 'a', value: 1 },
      { key: 'query.timeout', value: '120s' },
    ],
    delete: ['query.timeout', 'x'],
  })

  it('records one event with only the keys that change', () => {
    const command = change({
      set: [
        { key: 'a', value: 1 },
        { key: 'b', value: 2 },
      ],
      delete: ['query.timeout', 'absent'],
    })
    expect(given(timeout, changed({ key: 'b', after: { value: 2 } })).when(command)).toEqual([
      changed(
        { key: 'a', after: { value: 1 } },
        { key: 'query.timeout', before: { value: '120s', description: 'of one query' } },
      ),
    ])
  })

  it('records no event if nothing changes', () => {
    expect(given(timeout).when(change({ set: [{ key: 'query.timeout', value: '120s' }], delete: ['absent'] }))).toEqual(
      [],
    )
    expect(given().when(change())).toEqual([])
  })

  it('deletes the other keys of the same kind with `replace`', () => {
    const flag: ConfigurationEvent = {
      ...timeout,
      changes: [{ kind: 'flag', key: 'f', after: { value: { enabled: true } } }],
    }
    const command = change({ replace: true, set: [{ key: 'a', value: 1 }], delete: [] })
    expect(given(timeout, password, flag).when(command)).toMatchObject([
      { changes: [{ key: 'a' }, { key: 'db.password', before: expect.anything() }, { key: 'query.timeout' }] },
    ])
    expect(given(changed({ key: 'a', after: { value: 1 } }), flag).when(command)).toEqual([])
  })

  it('deletes only keys of its kind', () => {
    const command = { ...both, kind: 'flag' as const, delete: ['query.timeout'], set: [] }
    expect(given(timeout).when(command)).toEqual([])
  })
})

describe('a secret', () => {
  it('stays sealed when its value changes', () => {
    const again = put('db.password', 'hunter3', { sealed: sealed('hunter3') })
    expect(given(password).when(again)).toEqual([
      changed({ key: 'db.password', before: { sealed: sealed('hunter2') }, after: { sealed: sealed('hunter3') } }),
    ])
  })

  it('is unchanged by another ciphertext with the same keyed hash', () => {
    expect(given(password).when(put('db.password', 'hunter2', { sealed: sealed('hunter2', 'another') }))).toEqual([])
  })

  it('can be marked as not secret, and a plain value as secret', () => {
    const opened = put('db.password', 'hunter2', { sealed: sealed('hunter2'), secret: false })
    expect(given(password).when(opened)).toMatchObject([{ changes: [{ after: { value: 'hunter2' } }] }])
    const closed = put('query.timeout', '120s', { sealed: sealed('120s'), secret: true })
    const [event] = given(timeout).when(closed) as ConfigurationEvent[]
    expect(event!.changes[0]!.after).toEqual({ sealed: sealed('120s'), description: 'of one query' })
  })

  it('is never recorded in plaintext', () => {
    const events = given().when(put('a', 'hunter2', { sealed: sealed('x'), secret: true }))
    expect(JSON.stringify(events)).not.toContain('hunter2')
  })

  it('keeps its value when its mask is sent, and takes a new description', () => {
    const mask = { key: 'db.password', value: secretMask, sealed: sealed(secretMask) }
    expect(given(password).when(change({ set: [mask] }))).toEqual([])
    expect(given(password).when(change({ set: [mask], replace: true }))).toEqual([])
    const [event] = given(password).when(change({ set: [{ ...mask, description: 'of the database' }] })) as [never]
    expect(event).toMatchObject({ changes: [{ after: { sealed: sealed('hunter2'), description: 'of the database' } }] })
  })

  it.each<[string, ConfigurationEvent[], Partial<ChangeConfiguration>]>([
    [
      'in a replacement of an environment without the key',
      [],
      { replace: true, set: [{ key: 'a', value: secretMask }] },
    ],
    ['for a new secret', [], { set: [{ key: 'a', value: secretMask, secret: true, sealed: sealed(secretMask) }] }],
    [
      'for a secret that is marked as not secret',
      [password],
      { set: [{ key: 'db.password', value: secretMask, secret: false }] },
    ],
  ])('cannot have the mask as its value %s', (_, events, command) => {
    expect(given(...events).when(change(command))).toEqual(
      refusal('unprocessable', /masked .* value of (a|db\.password)/),
    )
  })

  it('is not assumed for a plain value that equals the mask', () => {
    const stars = changed({ key: 'a', after: { value: secretMask } })
    expect(given().when(put('a', secretMask))).toEqual([stars])
    expect(given(stars).when(change({ set: [{ key: 'a', value: secretMask }], replace: true }))).toEqual([])
  })

  it('causes the whole command to be rejected if no encryption key is configured', () => {
    const command = change({
      set: [
        { key: 'a', value: 1 },
        { key: 'db.password', value: 'hunter3' },
      ],
    })
    const refused = given(password).when(command)
    expect(refused).toEqual(refusal('unprocessable', /SHIPLOG_SECRETS_KEY/))
    expect((refused as Rejection).errors).toEqual([{ detail: 'the key db.password is a secret' }])
    expect(JSON.stringify(refused)).not.toContain('hunter3')
    expect(given().when(put('a', 1, { secret: true }))).toEqual(refusal('unprocessable', /encryption key/))
  })
})

it('each change starts from the previous entry and differs from it, and the state equals the changes applied in order', () => {
  const key = fc.constantFrom('a', 'b', 'c')
  const value = fc.constantFrom<Json[]>(null, 1, 'x')
  const setting = fc.record(
    { key, value, secret: fc.boolean(), description: fc.constantFrom('d', 'e') },
    { requiredKeys: ['key', 'value'] },
  )
  const command = fc.record({
    kind: fc.constantFrom('configuration' as const, 'flag' as const),
    set: fc.uniqueArray(setting, { selector: each => each.key }),
    delete: fc.array(key, { maxLength: 4 }),
    replace: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(command, { maxLength: 10 }), commands => {
      let state = configuration.initial
      const plain = new Map<string, unknown>()
      for (const { set, ...more } of commands) {
        const settings = set.map(each => ({ ...each, sealed: sealed(JSON.stringify(each.value)) }))
        const named = new Set(set.map(each => each.key))
        const toDelete = more.delete.filter(each => !named.has(each))
        const events = configuration.decide(change({ ...more, set: settings, delete: toDelete }), state)
        if (!Array.isArray(events)) throw new Error('unexpected rejection')
        for (const each of events.flatMap(event => event.changes)) {
          const path = `${each.kind} ${each.key}`
          expect(each.before).toEqual(plain.get(path))
          expect(each.after).not.toEqual(each.before)
          plain.set(path, each.after)
        }
        state = events.reduce(configuration.evolve, state)
        for (const { key, value } of set) {
          const { value: clear, sealed: closed } = entryOf(state, more.kind, key)!
          expect(closed?.hash ?? clear).toBe(closed ? sealed(JSON.stringify(value)).hash : value)
        }
      }
      for (const [path, entry] of plain) {
        const [kind, key] = path.split(' ') as ['configuration', string]
        expect(entryOf(state, kind, key)).toEqual(entry)
      }
    }),
  )
})

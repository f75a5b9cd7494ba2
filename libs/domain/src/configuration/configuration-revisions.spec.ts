import type {
  ChangeConfiguration,
  ConfigurationChange,
  ConfigurationEvent,
  Json,
  Rejection,
  WantedRevision,
} from '#libs/contracts'
import { configuration, entryOf, existingKeys, revisionOf } from '#libs/domain'

const now = '2026-02-12T12:00:00Z'
const change = (more: Partial<ChangeConfiguration>): ChangeConfiguration => ({
  type: 'ChangeConfiguration',
  environment: 'staging',
  kind: 'configuration',
  now,
  set: [],
  delete: [],
  ...more,
})
const put = (key: string, value: Json) => change({ set: [{ key, value }] })
const changed = (...changes: Omit<ConfigurationChange, 'kind'>[]): ConfigurationEvent => ({
  type: 'ConfigurationChanged',
  environment: 'staging',
  changedAt: now,
  changes: changes.map(({ key, ...sides }) => ({ kind: 'configuration', key, ...sides })),
})
const timeout = changed({ key: 'query.timeout', after: { value: '120s' } })

const stateAfter = (...events: ConfigurationEvent[]) => events.reduce(configuration.evolve, configuration.initial)
function given(...events: ConfigurationEvent[]) {
  return { when: (command: ChangeConfiguration) => configuration.decide(command, stateAfter(...events)) }
}
const refusal = (code: Rejection['code'], reason: RegExp) =>
  expect.objectContaining({ code, reason: expect.stringMatching(reason) })

describe('If-Match of one key', () => {
  const deleted = changed({ key: 'query.timeout', before: { value: '120s' } })
  const otherKey = changed({ key: 'a', after: { value: 1 } })

  it.each<[string, ConfigurationEvent[], WantedRevision]>([
    ['the revision of the key', [timeout], [1]],
    ['the revision of the key after a change of another key', [timeout, otherKey], [1]],
    ['the revision of a key that was added later', [otherKey, timeout], [2]],
    ['0 for a key that never existed', [otherKey], [0]],
    ['0 for a deleted key', [timeout, deleted], [0]],
  ])('accepts %s', (_, events, ifMatch) => {
    expect(given(...events).when({ ...put('query.timeout', '180s'), ifMatch })).toHaveLength(1)
  })

  it.each<[string, ConfigurationEvent[], WantedRevision, RegExp]>([
    [
      'an older revision of the key',
      [timeout, changed({ key: 'query.timeout', after: { value: 1 } })],
      [1],
      /has revision 2/,
    ],
    ['the revision of the environment instead of that of the key', [timeout, otherKey], [2], /has revision 1/],
    ['0 for an existing key', [timeout], [0], /has revision 1/],
    ['a revision of a key that never existed', [otherKey], [1], /does not exist, but `If-Match` requires/],
    ['the last revision of a deleted key', [timeout, deleted], [2], /does not exist, but `If-Match` requires/],
  ])('rejects %s', (_, events, ifMatch, reason) => {
    const set = { ...put('query.timeout', '180s'), ifMatch }
    expect(given(...events).when(set)).toEqual(refusal('precondition-failed', reason))
    expect(given(...events).when(change({ delete: ['query.timeout'], ifMatch }))).toEqual(
      refusal('precondition-failed', reason),
    )
  })
})

describe('revisions', () => {
  it('count the changes of the environment; a key has the revision of its last change', () => {
    const state = stateAfter(
      timeout,
      changed({ key: 'a', after: { value: 1 } }, { key: 'b', after: { value: 2 } }),
      changed({ key: 'a', before: { value: 1 } }),
    )
    const revisions = ['query.timeout', 'a', 'b', 'c'].map(key => revisionOf(state, 'configuration', key))
    expect([state.revision, ...revisions]).toEqual([3, 1, 3, 2, 0])
    expect(entryOf(state, 'configuration', 'a')).toBeUndefined()
    expect(existingKeys(state, 'configuration')).toEqual(['b', 'query.timeout'])
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('support a key named %s', key => {
    expect(revisionOf(configuration.initial, 'configuration', key)).toBe(0)
    const state = JSON.parse(JSON.stringify(stateAfter(changed({ key, after: { value: 1 } }), timeout)))
    expect(entryOf(state, 'configuration', key)).toEqual({ value: 1 })
    expect(given(changed({ key, after: { value: 1 } })).when(put(key, 1))).toEqual([])
  })
})

describe('If-Match of several keys', () => {
  const more = changed({ key: 'a', after: { value: 1 } })
  const set = [
    { key: 'b', value: 1 },
    { key: 'c', value: 2 },
  ]

  it.each<[string, ConfigurationEvent[], WantedRevision]>([
    ['the revision of the environment', [timeout, more], [2]],
    ['* for an existing configuration', [timeout], '*'],
    ['0 for a configuration that never existed', [], [0]],
  ])('accepts %s', (_, events, ifRevision) => {
    expect(given(...events).when(change({ set, ifRevision }))).toHaveLength(1)
    expect(given(...events).when(change({ set, replace: true, ifRevision }))).toHaveLength(1)
  })

  it.each<[string, ConfigurationEvent[], WantedRevision, RegExp]>([
    ['an older revision', [timeout, more], [1], /configuration of staging has revision 2/],
    ['* for a configuration that never existed', [], '*', /does not exist, but `If-Match` requires that it exists/],
    ['0 for an existing configuration', [timeout], [0], /requires that it does not exist/],
  ])('rejects %s', (_, events, ifRevision, reason) => {
    const refused = refusal('precondition-failed', reason)
    expect(given(...events).when(change({ set, ifRevision }))).toEqual(refused)
    expect(given(...events).when(change({ set, replace: true, ifRevision }))).toEqual(refused)
  })
})

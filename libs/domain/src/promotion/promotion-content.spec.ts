import type { ConfigurationEntry, PromotionRequest, SealedValue } from '#libs/contracts'
import { full, TestTenant } from '#test/specs/domain/tenant'
import { found, id, tenant, validated, type Validated } from '#test/specs/domain/validation'

const keysOf = ({ content = [] }: Validated) => content.map(({ kind, key }) => `${kind} ${key}`)

describe('the content of a promotion', () => {
  it('has the entries that differ, with both sides and the revision in the target', () => {
    const event = validated(tenant(), { promotionType: 'PATTERN', keyPatterns: ['*'] })
    expect(event.content).toEqual([
      { kind: 'configuration', key: 'ai.new-model', source: { value: 'gpt-4-turbo' }, targetRevision: 0 },
      { kind: 'configuration', key: 'query.limit', source: { value: 10 }, targetRevision: 0 },
      {
        kind: 'configuration',
        key: 'query.timeout',
        source: { value: '180s' },
        target: { value: '120s' },
        targetRevision: 1,
      },
    ])
    expect(event).toMatchObject({ outcome: 'VALIDATED', quorum: 2, findings: [] })
  })

  it.each<[string, Partial<PromotionRequest>, string[]]>([
    [
      'includes all differing entries of the source',
      {},
      ['configuration ai.new-model', 'configuration query.limit', 'configuration query.timeout', 'flag checkout.v2'],
    ],
    [
      'includes entries that only the target has with deleteRemoved',
      { deleteRemoved: true },
      [
        'configuration ai.new-model',
        'configuration legacy',
        'configuration query.limit',
        'configuration query.timeout',
        'flag checkout.v2',
        'flag old',
      ],
    ],
    [
      'includes only configurations for patterns',
      { promotionType: 'PATTERN', keyPatterns: ['*.*'] },
      ['configuration ai.new-model', 'configuration query.limit', 'configuration query.timeout'],
    ],
    [
      'includes no deletion for patterns',
      { promotionType: 'PATTERN', keyPatterns: ['legacy', 'ai*'] },
      ['configuration ai.new-model'],
    ],
    [
      'includes the selected ids',
      {
        promotionType: 'SELECTIVE',
        configIds: [id('query.limit').toUpperCase()],
        flagIds: [id('checkout.v2', 'flag')],
      },
      ['configuration query.limit', 'flag checkout.v2'],
    ],
    [
      'includes each key that ids and patterns select once',
      {
        promotionType: 'SELECTIVE',
        configIds: [id('query.limit'), id('query.limit')],
        flagIds: [id('checkout.v2', 'flag')],
        keyPatterns: ['query.*', 'query.l*'],
      },
      ['configuration query.limit', 'configuration query.timeout', 'flag checkout.v2'],
    ],
    [
      'includes ids if the source is given by an alias',
      { sourceEnvironment: 'stage', promotionType: 'SELECTIVE', configIds: [id('query.limit')] },
      ['configuration query.limit'],
    ],
  ])('%s', (_, request, keys) => {
    expect(keysOf(validated(tenant(), request))).toEqual(keys)
  })
})

describe('a secret', () => {
  const sealed = (hash: string, ciphertext: string): SealedValue => ({ keyId: 'k', ciphertext, hash })
  const secrets = (source: ConfigurationEntry, target: ConfigurationEntry) => {
    const keySchema = { keyPattern: 'db.*', schema: { type: 'number' } }
    const both = new TestTenant().rule({ keySchema }).put('staging', { 'db.password': source, other: { value: 1 } })
    return validated(both.put('production', { 'db.password': target }))
  }

  it('is compared by its keyed hash', () => {
    const same = secrets({ sealed: sealed('h', 'one') }, { sealed: sealed('h', 'two') })
    expect(keysOf(same)).toEqual(['configuration other'])
    const other = secrets({ sealed: sealed('h', 'one') }, { sealed: sealed('i', 'two') })
    expect(keysOf(other)).toEqual(['configuration db.password', 'configuration other'])
    expect(other.findings).toEqual([found('warning', /is a secret, .* not checked against the schema/, 'db.password')])
  })

  it('differs from any plaintext value', () => {
    expect(keysOf(secrets({ sealed: sealed('h', 'one') }, { value: 'h' }))).toContain('configuration db.password')
  })

  it('causes a warning if it will be readable in the target', () => {
    const { findings } = secrets({ value: 'open' }, { sealed: sealed('h', 'one') })
    expect(findings).toContainEqual(found('warning', /will be readable in the target/, 'db.password'))
    expect(secrets({ sealed: sealed('h', 'one') }, { value: 'open' }).findings).not.toContainEqual(
      found('warning', /will be readable in the target/, 'db.password'),
    )
  })

  it('has a content hash that depends on its value and not on its ciphertext', () => {
    const hashes = [sealed('h', 'one'), sealed('h', 'two'), sealed('i', 'one')].map(
      source => secrets({ sealed: source }, { sealed: sealed('j', 'x') }).contentHash,
    )
    expect(hashes[1]).toBe(hashes[0])
    expect(hashes[2]).not.toBe(hashes[0])
  })
})

describe('the content hash', () => {
  const hashOf = (change: (given: TestTenant) => TestTenant, request: Partial<PromotionRequest> = {}) =>
    validated(change(tenant()), request).contentHash
  const plain = hashOf(given => given)

  it.each<[string, (given: TestTenant) => TestTenant, Partial<PromotionRequest>]>([
    ['a change of another key in the target', given => given.set('production', { elsewhere: 1 }), {}],
    ['an equal value in the source', given => given.set('staging', { same: { b: 2, a: 1 } }), {}],
    ['notes', given => given, { notes: 'x' }],
    [
      'another selection of the same keys',
      given => given,
      { promotionType: 'SELECTIVE', keyPatterns: ['*'], flagIds: [id('checkout.v2', 'flag')] },
    ],
  ])('does not change with %s', (_, change, request) => {
    expect(hashOf(change, request)).toBe(plain)
  })

  it.each<[string, (given: TestTenant) => TestTenant, Partial<PromotionRequest>]>([
    ['another value in the source', given => given.set('staging', { 'query.timeout': '181s' }), {}],
    [
      'another description',
      given => given.put('staging', { 'query.timeout': { value: '180s', description: 'x' } }),
      {},
    ],
    ['another value in the target', given => given.set('production', { 'query.timeout': '1s' }), {}],
    [
      'a value that was changed and restored in the target',
      given => given.set('production', { 'query.timeout': '1s' }).set('production', { 'query.timeout': '120s' }),
      {},
    ],
    ['an additional key', given => given.set('staging', { more: 1 }), {}],
    ['a removed key', given => given.put('staging', { 'query.limit': undefined }), {}],
    ['an image', given => given, { image: { application: 'a', imageTag: 'v1' } }],
    ['keys to be deleted', given => given, { deleteRemoved: true }],
  ])('changes with %s', (_, change, request) => {
    expect(hashOf(change, request)).not.toBe(plain)
  })
})

it('a promotion uses the pipeline of its tenant', () => {
  const pipeline = { environments: [{ name: 'int' }, { name: 'live', aliases: ['production'], approvals: 1 }] }
  const given = new TestTenant()
    .rule({ pipeline })
    .set('int', { a: 1 })
    .set('live', { a: 0 })
    .set('production', { a: 1 })
  expect(validated(given, { ...full, sourceEnvironment: 'int' })).toMatchObject({
    outcome: 'VALIDATED',
    quorum: 1,
    content: [{ key: 'a', target: { value: 0 } }],
  })
})

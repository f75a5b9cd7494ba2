import { configurationId, type Json, type PromotionRequest } from '#libs/contracts'
import { TestTenant } from '#test/specs/domain/tenant'
import { found, id, tenant, validated } from '#test/specs/domain/validation'

describe('what speaks against it', () => {
  it.each<[string, Partial<PromotionRequest>, ReturnType<typeof found>[]]>([
    [
      'a source outside the pipeline',
      { sourceEnvironment: 'mars' },
      [
        found('error', /mars is not in the pipeline \(dev -> staging -> production\)/),
        found('error', /selection is empty/),
      ],
    ],
    ['a target outside the pipeline', { targetEnvironment: 'mars' }, [found('error', /mars is not in the pipeline/)]],
    [
      'the same environment',
      { sourceEnvironment: 'production' },
      [found('error', /same environment: production/), found('warning', /changes nothing/)],
    ],
    [
      'the same environment by an alias',
      { sourceEnvironment: 'prod' },
      [found('error', /same environment: production/), found('warning', /changes nothing/)],
    ],
    [
      'going backwards',
      { sourceEnvironment: 'production', targetEnvironment: 'staging' },
      [found('error', /production -> staging is against the order/)],
    ],
    [
      'an environment left out',
      { sourceEnvironment: 'dev' },
      [found('error', /dev -> production skips staging/), found('error', /selection is empty/)],
    ],
    ['no selection', { promotionType: 'SELECTIVE' }, [found('error', /selection is empty/)]],
    [
      'no selection, with FULL only wishes',
      { promotionType: 'PATTERN', deleteRemoved: true },
      [found('error', /selection is empty/)],
    ],
    [
      'a pattern that matches nothing',
      { promotionType: 'PATTERN', keyPatterns: ['QUERY.*'] },
      [found('warning', /no key in staging matches/, 'QUERY.*'), found('error', /selection is empty/)],
    ],
    [
      'an id that there is none of',
      { promotionType: 'SELECTIVE', configIds: ['770e8400-...'], keyPatterns: ['*'] },
      [found('error', /configuration 770e8400-\.\.\. does not exist in staging/, '770e8400-...')],
    ],
    [
      'a flag by the id of a configuration',
      { promotionType: 'SELECTIVE', flagIds: [id('query.limit')], keyPatterns: ['*'] },
      [found('error', /^the flag .* does not exist/, id('query.limit'))],
    ],
    [
      'an id of the target',
      {
        promotionType: 'SELECTIVE',
        configIds: [configurationId('acme', 'production', 'configuration', 'query.timeout')],
        keyPatterns: ['*'],
      },
      [
        found(
          'error',
          /^the configuration .* does not exist/,
          configurationId('acme', 'production', 'configuration', 'query.timeout'),
        ),
      ],
    ],
  ])('%s', (_, request, findings) => {
    const event = validated(tenant(), request)
    expect(event.findings).toEqual(findings)
    expect(event.outcome).toBe('VALIDATION_FAILED')
    expect(event).not.toHaveProperty('content')
  })

  it('skipping, unless the pipeline allows it', () => {
    const environments = [{ name: 'staging' }, { name: 'qa' }, { name: 'production' }]
    const skipping = (allowSkipping: boolean) =>
      validated(tenant().rule({ pipeline: { environments, allowSkipping } })).outcome
    expect([skipping(true), skipping(false)]).toEqual(['APPROVED', 'VALIDATION_FAILED'])
  })

  it.each<[string, Json]>([
    ['a variant that there is not', { enabled: true, rules: [{ variant: 'x' }] }],
    ['a percentage beyond 100', { enabled: true, rules: [{ percentage: 101 }] }],
  ])('a flag with %s', (_, value) => {
    const event = validated(tenant().set('staging', { 'checkout.v2': value }, 'flag'))
    expect(event).toMatchObject({
      outcome: 'VALIDATION_FAILED',
      findings: [found('error', /^`\/rules\/0/, 'checkout.v2')],
    })
  })

  it('a value that does not fit the schema of its key', () => {
    const text = { keyPattern: '*.timeout', schema: { type: 'string' } }
    expect(validated(tenant().rule({ keySchema: text })).outcome).toBe('VALIDATED')
    const event = validated(tenant().rule({ keySchema: text }).set('staging', { 'query.timeout': 180 }))
    expect(event).toMatchObject({
      outcome: 'VALIDATION_FAILED',
      findings: [found('error', /^does not fit \(schema of \*\.timeout\)$/, 'query.timeout')],
    })
  })
})

describe('what is worth a look', () => {
  it('keys that will be deleted', () => {
    const event = validated(tenant(), { deleteRemoved: true })
    expect(event.findings).toEqual([found('warning', /deleted/, 'legacy'), found('warning', /deleted/, 'old')])
    expect(event.outcome).toBe('VALIDATED')
  })

  it('a selection that is the same on both sides', () => {
    const event = validated(tenant(), { promotionType: 'PATTERN', keyPatterns: ['same'] })
    expect(event).toMatchObject({ outcome: 'VALIDATED', content: [], findings: [found('warning', /changes nothing/)] })
  })

  it('a selection beside FULL, which it does not narrow', () => {
    const { content, findings } = validated(tenant(), { keyPatterns: ['query.*'] })
    expect(findings).toEqual([found('warning', /FULL promotion ignores/)])
    expect(content).toEqual(validated(tenant()).content)
  })

  it('nothing, where an image alone is asked for', () => {
    const image = { application: 'checkout', imageTag: 'v2' }
    const event = validated(tenant(), { promotionType: 'SELECTIVE', image })
    expect(event).toMatchObject({ outcome: 'VALIDATED', content: [], findings: [] })
  })
})

describe('a key that becomes a secret in the target', () => {
  const secret = { sealed: { keyId: 'k', ciphertext: 'c', hash: 'h' } }
  const warned = found('warning', /becomes a secret in the target, but the log has/, 'a')

  it.each<[string, (given: TestTenant) => TestTenant, object[]]>([
    ['that holds it in clear', given => given.set('production', { a: 1 }), [warned]],
    ['that held it in clear', given => given.set('production', { a: 1 }).put('production', { a: undefined }), [warned]],
    ['that never had it', given => given, []],
    [
      'where it is one, with another value',
      given => given.put('production', { a: { sealed: { ...secret.sealed, hash: 'i' } } }),
      [],
    ],
  ])('%s', (_, prepare, findings) => {
    const given = prepare(new TestTenant().put('staging', { a: secret }))
    expect(validated(given).findings).toEqual(findings)
  })
})

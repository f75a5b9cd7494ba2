import { configurationId, type Json, type PromotionRequest } from '#libs/contracts'
import { TestTenant } from '#test/specs/domain/tenant'
import { found, id, tenant, validated } from '#test/specs/domain/validation'

describe('validation errors', () => {
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
      'equal environments',
      { sourceEnvironment: 'production' },
      [found('error', /same environment: production/), found('warning', /changes nothing/)],
    ],
    [
      'equal environments by an alias',
      { sourceEnvironment: 'prod' },
      [found('error', /same environment: production/), found('warning', /changes nothing/)],
    ],
    [
      'a promotion against the order of the pipeline',
      { sourceEnvironment: 'production', targetEnvironment: 'staging' },
      [found('error', /production -> staging is against the order/)],
    ],
    [
      'a skipped environment',
      { sourceEnvironment: 'dev' },
      [found('error', /dev -> production skips staging/), found('error', /selection is empty/)],
    ],
    ['an empty selection', { promotionType: 'SELECTIVE' }, [found('error', /selection is empty/)]],
    [
      'an empty selection with an option of FULL',
      { promotionType: 'PATTERN', deleteRemoved: true },
      [found('error', /selection is empty/)],
    ],
    [
      'a pattern that matches nothing',
      { promotionType: 'PATTERN', keyPatterns: ['QUERY.*'] },
      [found('warning', /no key in staging matches/, 'QUERY.*'), found('error', /selection is empty/)],
    ],
    [
      'an unknown id',
      { promotionType: 'SELECTIVE', configIds: ['770e8400-...'], keyPatterns: ['*'] },
      [found('error', /configuration 770e8400-\.\.\. does not exist in staging/, '770e8400-...')],
    ],
    [
      'a flag selected by the id of a configuration',
      { promotionType: 'SELECTIVE', flagIds: [id('query.limit')], keyPatterns: ['*'] },
      [found('error', /^the flag .* does not exist/, id('query.limit'))],
    ],
    [
      'an id of the target environment',
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
  ])('are reported for %s', (_, request, findings) => {
    const event = validated(tenant(), request)
    expect(event.findings).toEqual(findings)
    expect(event.outcome).toBe('VALIDATION_FAILED')
    expect(event).not.toHaveProperty('content')
  })

  it('are reported for a skipped environment, unless the pipeline allows it', () => {
    const environments = [{ name: 'staging' }, { name: 'qa' }, { name: 'production' }]
    const skipping = (allowSkipping: boolean) =>
      validated(tenant().rule({ pipeline: { environments, allowSkipping } })).outcome
    expect([skipping(true), skipping(false)]).toEqual(['APPROVED', 'VALIDATION_FAILED'])
  })

  it.each<[string, Json]>([
    ['an unknown variant', { enabled: true, rules: [{ variant: 'x' }] }],
    ['a percentage above 100', { enabled: true, rules: [{ percentage: 101 }] }],
  ])('are reported for a flag with %s', (_, value) => {
    const event = validated(tenant().set('staging', { 'checkout.v2': value }, 'flag'))
    expect(event).toMatchObject({
      outcome: 'VALIDATION_FAILED',
      findings: [found('error', /^`\/rules\/0/, 'checkout.v2')],
    })
  })

  it('are reported for a value that does not match the schema of its key', () => {
    const text = { keyPattern: '*.timeout', schema: { type: 'string' } }
    expect(validated(tenant().rule({ keySchema: text })).outcome).toBe('VALIDATED')
    const event = validated(tenant().rule({ keySchema: text }).set('staging', { 'query.timeout': 180 }))
    expect(event).toMatchObject({
      outcome: 'VALIDATION_FAILED',
      findings: [found('error', /^does not fit \(schema of \*\.timeout\)$/, 'query.timeout')],
    })
  })
})

describe('validation warnings', () => {
  it('are reported for keys that will be deleted', () => {
    const event = validated(tenant(), { deleteRemoved: true })
    expect(event.findings).toEqual([found('warning', /deleted/, 'legacy'), found('warning', /deleted/, 'old')])
    expect(event.outcome).toBe('VALIDATED')
  })

  it('are reported for a selection that is equal in both environments', () => {
    const event = validated(tenant(), { promotionType: 'PATTERN', keyPatterns: ['same'] })
    expect(event).toMatchObject({ outcome: 'VALIDATED', content: [], findings: [found('warning', /changes nothing/)] })
  })

  it('are reported for patterns of a FULL promotion, which do not filter it', () => {
    const { content, findings } = validated(tenant(), { keyPatterns: ['query.*'] })
    expect(findings).toEqual([found('warning', /FULL promotion ignores/)])
    expect(content).toEqual(validated(tenant()).content)
  })

  it('are not reported for a promotion of only an image', () => {
    const image = { application: 'checkout', imageTag: 'v2' }
    const event = validated(tenant(), { promotionType: 'SELECTIVE', image })
    expect(event).toMatchObject({ outcome: 'VALIDATED', content: [], findings: [] })
  })
})

describe('the warning of a key that becomes a secret in the target', () => {
  const secret = { sealed: { keyId: 'k', ciphertext: 'c', hash: 'h' } }
  const warned = found('warning', /becomes a secret in the target, but the log has/, 'a')

  it.each<[string, (given: TestTenant) => TestTenant, object[]]>([
    ['is reported if the target has the key in plaintext', given => given.set('production', { a: 1 }), [warned]],
    [
      'is reported if the target had the key in plaintext',
      given => given.set('production', { a: 1 }).put('production', { a: undefined }),
      [warned],
    ],
    ['is not reported if the target never had the key', given => given, []],
    [
      'is not reported if the key is already a secret with another value',
      given => given.put('production', { a: { sealed: { ...secret.sealed, hash: 'i' } } }),
      [],
    ],
  ])('%s', (_, prepare, findings) => {
    const given = prepare(new TestTenant().put('staging', { a: secret }))
    expect(validated(given).findings).toEqual(findings)
  })
})

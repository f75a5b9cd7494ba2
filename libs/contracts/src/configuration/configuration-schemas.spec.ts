import {
  compileSchema,
  configurationId,
  patchConfigurationsSchema,
  patchFlagsSchema,
  putConfigurationSchema,
  putFlagSchema,
  putFreezesSchema,
  putKeySchemaSchema,
  putPipelineSchema,
} from '#libs/contracts'

type RejectedBody = [string, unknown, string, RegExp]

function rejects(schema: object, cases: RejectedBody[]) {
  const validate = compileSchema(schema)
  it.each(cases)('rejects %s', (_, body, pointer, detail) => {
    expect(validate(body)).toContainEqual({ pointer, detail: expect.stringMatching(detail) })
  })
}
function accepts(schema: object, bodies: [string, unknown][]) {
  const validate = compileSchema(schema)
  it.each(bodies)('accepts %s', (_, body) => expect(validate(body)).toEqual([]))
}

describe('putConfigurationSchema', () => {
  accepts(putConfigurationSchema, [
    ['a string', { value: '120s' }],
    ['null', { value: null }],
    ['an object', { value: { a: [1, { b: false }] } }],
    ['all fields', { value: '', secret: true, description: 'of one query' }],
  ])
  rejects(putConfigurationSchema, [
    ['a missing value', {}, '/value', /required/],
    ['`secret` as a string', { value: 1, secret: 'yes' }, '/secret', /boolean/],
    ['a derived field', { value: 1, revision: 7 }, '/revision', /not a known field/],
    ['an empty description', { value: 1, description: '' }, '/description', /fewer than 1/],
    ['an array', [{ value: 1 }], '', /object/],
  ])
})

describe('patchConfigurationsSchema', () => {
  const many = Array.from({ length: 10_001 }, (_, n) => `key.${n}`)
  const values = (keys: string[]) => Object.fromEntries(keys.map(key => [key, 1]))

  accepts(patchConfigurationsSchema, [
    ['an empty object', {}],
    ['values of any type', { set: { a: null, 'b/c d': [1] }, delete: ['e'], secrets: ['a'] }],
    ['10,000 keys', { set: values(many.slice(1)), delete: many.slice(1) }],
    ['a key of 512 characters', { delete: ['\u{1F680}'.repeat(512)] }],
  ])
  rejects(patchConfigurationsSchema, [
    ['10,001 keys', { set: values(many) }, '/set', /more than 10000/],
    ['10,001 keys in `delete`', { delete: many }, '/delete', /more than 10000/],
    ['an empty key', { set: { '': 1 } }, '/set/', /fewer than 1/],
    ['a long key in `set`', { set: { good: 1, ['x'.repeat(513)]: 1 } }, `/set/${'x'.repeat(512)}...`, /more than 512/],
    ['a key with a line break and a slash', { set: { 'a/b\n': 1 } }, '/set/a~1b\n', /control characters/],
    ['__proto__', { set: JSON.parse('{"__proto__": 1}') }, '/set/__proto__', /must not be named __proto__/],
    ['__proto__ in `delete`', { delete: ['a', '__proto__'] }, '/delete/1', /must not be named __proto__/],
    ['__proto__ in `secrets`', { secrets: ['__proto__'] }, '/secrets/0', /must not be named __proto__/],
    ['a long key in `delete`', { delete: ['x'.repeat(513)] }, '/delete/0', /more than 512/],
    ['a line break in a key', { set: { 'a\nb': 1 } }, '/set/a\nb', /control characters/],
    ['an array of settings', { set: [{ key: 'a', value: 1 }] }, '/set', /object/],
    ['a number as a key', { secrets: [7] }, '/secrets/0', /string/],
  ])
})

describe('putFlagSchema', () => {
  accepts(putFlagSchema, [
    ['a boolean `enabled`', { enabled: false }],
    ['variants keyed by name', { enabled: true, variants: { control: {}, fast: { weight: 1 } } }],
    [
      'rules',
      { enabled: true, variants: ['a'], rules: [{ variant: 'a', percentage: 50, anything: 1 }], description: 'x' },
    ],
  ])
  rejects(putFlagSchema, [
    ['a missing `enabled`', {}, '/enabled', /required/],
    ['`enabled` as a string', { enabled: 'maybe' }, '/enabled', /boolean/],
    ['a string as a rule', { enabled: true, rules: ['all'] }, '/rules/0', /object/],
    ['`secret`', { enabled: true, secret: true }, '/secret', /not a known field/],
  ])
})

describe('patchFlagsSchema', () => {
  rejects(patchFlagsSchema, [
    ['a boolean as a flag', { set: { 'checkout.v2': true } }, '/set/checkout.v2', /object/],
    ['`secrets`', { set: {}, secrets: [] }, '/secrets', /not a known field/],
  ])
})

describe('putPipelineSchema', () => {
  accepts(putPipelineSchema, [
    ['one environment', { environments: [{ name: 'dev' }] }],
    [
      'all fields',
      {
        environments: [
          { name: 'dev', aliases: ['d'], approvals: 0 },
          { name: 'prod', approvals: 100 },
        ],
        allowSkipping: true,
        authorMayApprove: false,
      },
    ],
  ])
  rejects(putPipelineSchema, [
    ['missing environments', {}, '/environments', /required/],
    ['an empty array of environments', { environments: [] }, '/environments', /fewer than 1/],
    ['strings as environments', { environments: ['dev'] }, '/environments/0', /object/],
    [
      'a negative number of approvals',
      { environments: [{ name: 'dev', approvals: -1 }] },
      '/environments/0/approvals',
      />= 0/,
    ],
    [
      'a fractional number of approvals',
      { environments: [{ name: 'dev', approvals: 0.5 }] },
      '/environments/0/approvals',
      /integer/,
    ],
    ['an unknown field', { environments: [{ name: 'dev', order: 1 }] }, '/environments/0/order', /not a known field/],
  ])
})

describe('putFreezesSchema', () => {
  accepts(putFreezesSchema, [
    ['an empty array', []],
    [
      'freezes of both kinds',
      [
        { name: 'christmas', from: '2026-12-23T00:00:00Z', to: '2027-01-02T00:00:00+01:00', environments: ['prod'] },
        {
          name: 'nights',
          cron: '0 22 * * *',
          duration: 'PT8H',
          timezone: 'Europe/Vienna',
          overridableBy: [],
          reason: 'x',
        },
      ],
    ],
  ])
  rejects(putFreezesSchema, [
    ['a missing name', [{ from: '2026-12-23T00:00:00Z' }], '/0/name', /required/],
    ['a time without a zone', [{ name: 'x', from: '2026-12-23T00:00:00' }], '/0/from', /RFC 3339/],
    [
      'a duration that is not ISO 8601',
      [{ name: 'x', cron: '0 0 * * *', duration: '1 hour' }],
      '/0/duration',
      /ISO 8601/,
    ],
    ['a freeze outside an array', { name: 'x' }, '', /array/],
  ])
})

describe('putKeySchemaSchema', () => {
  accepts(putKeySchemaSchema, [
    ['a schema', { type: 'string' }],
    ['true', true],
  ])
  rejects(putKeySchemaSchema, [
    ['an array', [], '', /object,boolean/],
    ['null', null, '', /object,boolean/],
  ])
})

it('configurationId is stable, and unique for each tenant, environment, kind and key', () => {
  expect(configurationId('acme', 'staging', 'configuration', 'query.timeout')).toBe(
    '3891c1b8-63aa-5827-beba-c08abaf78ddd',
  )
  const ids = [
    configurationId('acme', 'staging', 'configuration', 'query.timeout'),
    configurationId('acme', 'staging', 'flag', 'query.timeout'),
    configurationId('acme', 'production', 'configuration', 'query.timeout'),
    configurationId('acm', 'staging', 'configuration', 'query.timeout'),
    configurationId('acme', 'staging', 'configuration', 'query'),
  ]
  expect(new Set(ids).size).toBe(ids.length)
})

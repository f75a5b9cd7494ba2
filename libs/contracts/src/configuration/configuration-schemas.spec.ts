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

type Refused = [string, unknown, string, RegExp]

function refuses(schema: object, cases: Refused[]) {
  const validate = compileSchema(schema)
  it.each(cases)('is refused with %s', (_, body, pointer, detail) => {
    expect(validate(body)).toContainEqual({ pointer, detail: expect.stringMatching(detail) })
  })
}
function takes(schema: object, bodies: [string, unknown][]) {
  const validate = compileSchema(schema)
  it.each(bodies)('may have %s', (_, body) => expect(validate(body)).toEqual([]))
}

describe('a body that puts a configuration', () => {
  takes(putConfigurationSchema, [
    ['a text', { value: '120s' }],
    ['null', { value: null }],
    ['an object', { value: { a: [1, { b: false }] } }],
    ['all there is', { value: '', secret: true, description: 'of one query' }],
  ])
  refuses(putConfigurationSchema, [
    ['no value', {}, '/value', /required/],
    ['a secret that may be one', { value: 1, secret: 'yes' }, '/secret', /boolean/],
    ['a field of ours', { value: 1, revision: 7 }, '/revision', /not a known field/],
    ['an empty description', { value: 1, description: '' }, '/description', /fewer than 1/],
    ['a list', [{ value: 1 }], '', /object/],
  ])
})

describe('a body that changes many', () => {
  const many = Array.from({ length: 10_001 }, (_, n) => `key.${n}`)
  const values = (keys: string[]) => Object.fromEntries(keys.map(key => [key, 1]))

  takes(patchConfigurationsSchema, [
    ['nothing', {}],
    ['any values', { set: { a: null, 'b/c d': [1] }, delete: ['e'], secrets: ['a'] }],
    ['10,000 keys', { set: values(many.slice(1)), delete: many.slice(1) }],
    ['a key of 512 characters', { delete: ['\u{1F680}'.repeat(512)] }],
  ])
  refuses(patchConfigurationsSchema, [
    ['10,001 keys', { set: values(many) }, '/set', /more than 10000/],
    ['10,001 keys to be deleted', { delete: many }, '/delete', /more than 10000/],
    ['an empty key', { set: { '': 1 } }, '/set/', /fewer than 1/],
    [
      'a long key in its values',
      { set: { good: 1, ['x'.repeat(513)]: 1 } },
      `/set/${'x'.repeat(512)}...`,
      /more than 512/,
    ],
    ['a key with a line break and a slash', { set: { 'a/b\n': 1 } }, '/set/a~1b\n', /control characters/],
    ['__proto__', { set: JSON.parse('{"__proto__": 1}') }, '/set/__proto__', /must not be named __proto__/],
    ['__proto__ to be deleted', { delete: ['a', '__proto__'] }, '/delete/1', /must not be named __proto__/],
    ['__proto__ among its secrets', { secrets: ['__proto__'] }, '/secrets/0', /must not be named __proto__/],
    ['a long key', { delete: ['x'.repeat(513)] }, '/delete/0', /more than 512/],
    ['a line break in a key', { set: { 'a\nb': 1 } }, '/set/a\nb', /control characters/],
    ['a list of settings', { set: [{ key: 'a', value: 1 }] }, '/set', /object/],
    ['keys that are none', { secrets: [7] }, '/secrets/0', /string/],
  ])
})

describe('a body that puts a flag', () => {
  takes(putFlagSchema, [
    ['on or off', { enabled: false }],
    ['variants by name', { enabled: true, variants: { control: {}, fast: { weight: 1 } } }],
    [
      'rules',
      { enabled: true, variants: ['a'], rules: [{ variant: 'a', percentage: 50, anything: 1 }], description: 'x' },
    ],
  ])
  refuses(putFlagSchema, [
    ['nothing', {}, '/enabled', /required/],
    ['maybe', { enabled: 'maybe' }, '/enabled', /boolean/],
    ['a rule that is none', { enabled: true, rules: ['all'] }, '/rules/0', /object/],
    ['a secret', { enabled: true, secret: true }, '/secret', /not a known field/],
  ])
  refuses(patchFlagsSchema, [
    ['a value', { set: { 'checkout.v2': true } }, '/set/checkout.v2', /object/],
    ['secrets', { set: {}, secrets: [] }, '/secrets', /not a known field/],
  ])
})

describe('a body that puts a pipeline', () => {
  takes(putPipelineSchema, [
    ['one environment', { environments: [{ name: 'dev' }] }],
    [
      'all there is',
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
  refuses(putPipelineSchema, [
    ['none', {}, '/environments', /required/],
    ['no environment', { environments: [] }, '/environments', /fewer than 1/],
    ['names alone', { environments: ['dev'] }, '/environments/0', /object/],
    ['less than nobody', { environments: [{ name: 'dev', approvals: -1 }] }, '/environments/0/approvals', />= 0/],
    ['half of somebody', { environments: [{ name: 'dev', approvals: 0.5 }] }, '/environments/0/approvals', /integer/],
    ['an unknown field', { environments: [{ name: 'dev', order: 1 }] }, '/environments/0/order', /not a known field/],
  ])
})

describe('a body that puts freezes', () => {
  takes(putFreezesSchema, [
    ['none', []],
    [
      'both kinds',
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
  refuses(putFreezesSchema, [
    ['no name', [{ from: '2026-12-23T00:00:00Z' }], '/0/name', /required/],
    ['no zone', [{ name: 'x', from: '2026-12-23T00:00:00' }], '/0/from', /RFC 3339/],
    ['a duration in words', [{ name: 'x', cron: '0 0 * * *', duration: '1 hour' }], '/0/duration', /ISO 8601/],
    ['one that is no list', { name: 'x' }, '', /array/],
  ])
})

describe('a body that puts a schema of keys', () => {
  takes(putKeySchemaSchema, [
    ['a schema', { type: 'string' }],
    ['true', true],
  ])
  refuses(putKeySchemaSchema, [
    ['a list', [], '', /object,boolean/],
    ['null', null, '', /object,boolean/],
  ])
})

it('an id belongs to one tenant, environment, kind and key, and stays', () => {
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

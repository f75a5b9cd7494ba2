import fc from 'fast-check'
import {
  defaultPipeline,
  resolveEnvironment,
  type Freeze,
  type Json,
  type Pipeline,
  type PipelineChanged,
  type PipelineCommand,
  type PipelineEvent,
  type Rejection,
} from '#libs/contracts'
import { pipeline } from '#libs/domain'

const now = '2026-02-12T12:00:00Z'
const change = (next: Pipeline, holding: string[] = []): PipelineCommand => ({
  type: 'ChangePipeline',
  now,
  by: 'ops',
  pipeline: next,
  holding,
})
const freeze = (...freezes: Freeze[]): PipelineCommand => ({
  type: 'ChangeFreezes',
  now,
  by: 'ops',
  freezes,
  force: true,
})
const changeKeySchema = (keyPattern: string, schema?: Json): PipelineCommand => ({
  type: 'ChangeKeySchema',
  now,
  by: 'ops',
  keyPattern,
  ...(schema !== undefined && { schema }),
})
const changed = (part: Partial<PipelineChanged>): PipelineEvent => ({
  type: 'PipelineChanged',
  changedAt: now,
  by: 'ops',
  ...part,
})
const two: Pipeline = {
  environments: [
    { name: 'int', aliases: ['i'] },
    { name: 'live', aliases: ['production'], approvals: 3 },
  ],
}
const christmas: Freeze = { name: 'christmas', from: '2026-12-23T00:00:00Z', to: '2027-01-02T00:00:00Z' }

function given(...events: PipelineEvent[]) {
  const settings = events.reduce(pipeline.evolve, pipeline.initial)
  return { settings, when: (command: PipelineCommand) => pipeline.decide(command, settings) }
}

it('a tenant has the default pipeline until it puts one', () => {
  expect(pipeline.initial).toEqual({ pipeline: defaultPipeline, freezes: [], keySchemas: {}, revision: 1 })
  expect(given().when(change(defaultPipeline))).toEqual([])
  expect(
    ['dev', 'development', 'stage', 'prod', 'mars', 'Prod'].map(name => resolveEnvironment(defaultPipeline, name)),
  ).toEqual(['dev', 'dev', 'staging', 'production', 'mars', 'production'])
})

describe('ChangePipeline', () => {
  it('replaces the pipeline, and records nothing for an equal one', () => {
    expect(given().when(change(two))).toEqual([changed({ pipeline: two, configurationNames: { live: 'production' } })])
    expect(given(changed({ pipeline: two })).when(change(structuredClone(two)))).toEqual([])
    expect(given(changed({ pipeline: two })).when(change(defaultPipeline))).toHaveLength(1)
  })

  it.each<[string, Pipeline['environments'], string[]]>([
    ['two environments with the same name', [{ name: 'a' }, { name: 'b' }, { name: 'a' }], ['/environments/2/name']],
    ['two environments whose names differ only in case', [{ name: 'a' }, { name: 'A ' }], ['/environments/1/name']],
    ['a blank name', [{ name: 'a' }, { name: '  ' }], ['/environments/1/name']],
    [
      'an alias that equals the name of another environment in capitals',
      [{ name: 'a' }, { name: 'b', aliases: ['A'] }],
      ['/environments/1/aliases/0'],
    ],
    [
      'an alias that equals the name of another environment',
      [{ name: 'a', aliases: ['b'] }, { name: 'b' }],
      ['/environments/1/name'],
    ],
    [
      'an alias of two environments',
      [
        { name: 'a', aliases: ['x', 'y'] },
        { name: 'b', aliases: ['z', 'y'] },
      ],
      ['/environments/1/aliases/1'],
    ],
    [
      'an alias that equals the name of its environment',
      [{ name: 'a', aliases: ['a'] }],
      ['/environments/0/aliases/0'],
    ],
    ['a repeated alias', [{ name: 'a', aliases: ['x', 'x'] }], ['/environments/0/aliases/1']],
  ])('rejects %s', (_, environments, pointers) => {
    const refused = given().when(change({ environments })) as Rejection
    expect(refused.code).toBe('unprocessable')
    expect(refused.errors!.map(({ pointer }) => pointer)).toEqual(pointers)
  })

  it('accepts aliases that differ from the name only in case', () => {
    expect(given().when(change({ environments: [{ name: 'prod', aliases: ['Prod', 'PROD'] }] }))).toHaveLength(1)
  })

  it('accepts a pipeline only if its names and aliases are unique', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd')
    const environment = fc.record({ name, aliases: fc.array(name, { maxLength: 2 }) })
    fc.assert(
      fc.property(fc.array(environment, { minLength: 1, maxLength: 3 }), environments => {
        const words = environments.flatMap(each => [each.name, ...each.aliases])
        const unambiguous = new Set(words).size === words.length
        expect(Array.isArray(given().when(change({ environments })))).toBe(unambiguous)
      }),
    )
  })
})

describe('freezes', () => {
  it('are replaced as a whole, with environments resolved to their names', () => {
    const [event] = given().when(freeze({ ...christmas, environments: ['prod', 'mars'] })) as PipelineEvent[]
    expect(event).toEqual(changed({ freezes: [{ ...christmas, environments: ['production', 'mars'] }] }))
    expect(given(event!).when(freeze({ ...christmas, environments: ['production', 'mars'] }))).toEqual([])
    expect(given(event!).when(freeze())).toEqual([changed({ freezes: [] })])
  })

  it('are kept when the pipeline changes, with their environments renamed', () => {
    const { settings } = given(
      changed({ freezes: [{ ...christmas, environments: ['production'] }] }),
      changed({ pipeline: two }),
    )
    expect(settings.freezes).toEqual([{ ...christmas, environments: ['live'] }])
    expect(settings.pipeline).toEqual(two)
  })

  it.each<[string, string[][], string, RegExp]>([
    [
      'one environment',
      [['prodution']],
      '/0/environments/0',
      /environment prodution, which is not in the pipeline \(dev, staging, production\)/,
    ],
    [
      'one of several environments',
      [['dev', 'stagin', 'prod']],
      '/0/environments/1',
      /environment stagin, which is not/,
    ],
    [
      'an environment of the second freeze',
      [['production'], ['mars']],
      '/1/environments/0',
      /environment mars, which is not/,
    ],
  ])('are rejected for environments outside the pipeline, unless forced: %s', (_, all, pointer, detail) => {
    const freezes = all.map((environments, n) => ({ ...christmas, name: `freeze ${n}`, environments }))
    const put = freeze(...freezes)
    expect(given().when({ ...put, force: false } as PipelineCommand)).toMatchObject({
      code: 'unprocessable',
      reason: expect.stringMatching(/send force=true/),
      errors: [{ pointer, detail: expect.stringMatching(detail) }],
      dependsOnState: true,
    })
    const [forced] = given().when(put) as PipelineEvent[]
    // A stored freeze may stay when others are added.
    const more = [...forced!.freezes!, { ...christmas, name: 'more', environments: ['stage'] }]
    expect(given(forced!).when({ type: 'ChangeFreezes', now, freezes: more })).toHaveLength(1)
  })

  it('for environments outside the pipeline are rejected again when they change', () => {
    const there = { ...christmas, environments: ['mars'] }
    const change = (freezes: Freeze[]) =>
      given(changed({ freezes: [there] })).when({ type: 'ChangeFreezes', now, freezes })
    expect(change([{ ...there, reason: 'x' }])).toMatchObject({ code: 'unprocessable' })
    expect(change([{ ...there, environments: ['dev'] }])).toHaveLength(1)
  })

  it('prevent the removal of their environments from the pipeline, but not a rename', () => {
    const frozen = given(changed({ freezes: [{ ...christmas, environments: ['staging', 'outside'] }] }))
    const without = { environments: [{ name: 'dev' }, { name: 'production' }] }
    expect(frozen.when(change(without))).toMatchObject({
      code: 'conflict',
      errors: [
        {
          pointer: '/environments',
          detail: expect.stringMatching(/freeze christmas has the environment staging: keep/),
        },
      ],
    })
    const renamed = { environments: [{ name: 'dev' }, { name: 'qa', aliases: ['staging'] }, { name: 'production' }] }
    expect(frozen.when(change(renamed))).toHaveLength(1)
    expect(given(changed({ freezes: [christmas] })).when(change(without))).toHaveLength(1)
  })

  it.each<[string, Freeze[], string, RegExp]>([
    ['a repeated name', [christmas, christmas], '/1/name', /name christmas is used by two freezes/],
    [
      'an end before the beginning',
      [{ ...christmas, to: '2026-01-01T00:00:00Z' }],
      '/0',
      /christmas is invalid: `from` must be before `to`/,
    ],
    [
      'more than 50 cron patterns',
      Array.from({ length: 51 }, (_, n) => ({ name: `${n}`, cron: '0 0 * * *', duration: 'PT1H' })),
      '',
      /51 freezes with `cron`; the limit is 50/,
    ],
    [
      'cron patterns that never occur, of which the first is reported',
      Array.from({ length: 50 }, (_, n) => ({ name: `${n}`, cron: `${n} 0 30 2 *`, duration: 'PT1H' })),
      '/0',
      /`cron` never occurs/,
    ],
    [
      'an invalid cron pattern',
      [{ name: 'x', cron: 'x', duration: 'PT1H' }],
      '/0',
      /freeze x is invalid: `cron` is not a valid cron pattern/,
    ],
  ])('are rejected with %s', (_, freezes, pointer, detail) => {
    expect(given().when(freeze(...freezes))).toMatchObject({
      code: 'unprocessable',
      errors: [{ pointer, detail: expect.stringMatching(detail) }],
    })
  })
})

describe('If-Match', () => {
  const matching = (command: PipelineCommand, ifMatch: number[]) => ({ ...command, ifMatch }) as PipelineCommand
  const later = given(changed({ pipeline: two }), changed({ freezes: [christmas] }))

  it.each([
    ['ChangePipeline', change(defaultPipeline)],
    ['ChangeFreezes', freeze()],
  ])('requires the revision of the settings for %s', (_, command) => {
    expect(later.settings.revision).toBe(3)
    expect(later.when(matching(command, [3]))).toHaveLength(1)
    for (const ifMatch of [[1], [2], [4], [0], []]) {
      expect(later.when(matching(command, ifMatch))).toMatchObject({
        code: 'precondition-failed',
        details: { revision: 3 },
      })
    }
    expect(given().when(matching(command, [2]))).toMatchObject({ details: { revision: 1 } })
  })
})

describe('ChangeKeySchema', () => {
  const text = changed({ keySchema: { keyPattern: '*.timeout', schema: { type: 'string' } } })

  it('adds, replaces and removes the schema of a pattern', () => {
    expect(given().when(changeKeySchema('*.timeout', { type: 'string' }))).toEqual([text])
    expect(given(text).when(changeKeySchema('*.timeout', { type: 'string' }))).toEqual([])
    expect(given(text).when(changeKeySchema('*.timeout', false))).toEqual([
      changed({ keySchema: { keyPattern: '*.timeout', schema: false } }),
    ])
    expect(given(text).when(changeKeySchema('*.timeout'))).toEqual([
      changed({ keySchema: { keyPattern: '*.timeout' } }),
    ])
    expect(given(text).when(changeKeySchema('*'))).toEqual([])
    expect(given(text, changed({ keySchema: { keyPattern: '*.timeout' } })).settings.keySchemas).toEqual({})
    expect(given(text, changed({ keySchema: { keyPattern: '*', schema: true } })).settings.keySchemas).toEqual({
      '*.timeout': { type: 'string' },
      '*': true,
    })
  })

  it('rejects more than 100 schemas, and more than 512 KiB in total', () => {
    const put = (keyPattern: string, schema: Json) => changed({ keySchema: { keyPattern, schema } })
    const hundred = given(...Array.from({ length: 100 }, (_, n) => put(`${n}.*`, true)))
    expect(hundred.when(changeKeySchema('100.*', true))).toMatchObject({
      code: 'unprocessable',
      reason: expect.stringMatching(/101/),
    })
    expect(hundred.when(changeKeySchema('99.*', false))).toHaveLength(1)
    expect(hundred.when(changeKeySchema('99.*'))).toHaveLength(1)
    const large = (kibibytes: number) => ({ $comment: 'x'.repeat(kibibytes * 1024) })
    const full = given(...Array.from({ length: 9 }, (_, n) => put(`${n}.*`, large(60))))
    expect(full.when(changeKeySchema('a', true))).toMatchObject({
      code: 'unprocessable',
      reason: expect.stringMatching(/the limit is 524288/),
    })
    // Settings above the limit can still be reduced.
    expect(full.when(changeKeySchema('0.*', large(59)))).toHaveLength(1)
    expect(full.when(changeKeySchema('0.*', large(61)))).toMatchObject({ code: 'unprocessable' })
  })

  it.each(['__proto__', 'constructor'])('supports the pattern %s', keyPattern => {
    const put = changed({ keySchema: { keyPattern, schema: { type: 'string' } } })
    expect(given().when(changeKeySchema(keyPattern))).toEqual([])
    expect(given(put).when(changeKeySchema(keyPattern, { type: 'string' }))).toEqual([])
    expect(Object.keys(given(put).settings.keySchemas)).toEqual([keyPattern])
  })
})

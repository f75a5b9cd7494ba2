import fc from 'fast-check'
import type { Json } from '#libs/contracts'
import { flagFindings } from './flag-rules.js'

const flag = (more: { [key: string]: Json }): Json => ({ enabled: true, ...more })

it.each<[string, Json]>([
  ['that is enabled', flag({})],
  ['that is disabled', { enabled: false }],
  ['with variants as an array of names', flag({ variants: ['a', 'b'], rules: [{ variant: 'b' }] })],
  [
    'with variants as an array of objects with names',
    flag({ variants: [{ name: 'a', weight: 1 }], rules: [{ variant: 'a' }] }),
  ],
  ['with variants keyed by name', flag({ variants: { a: null }, rules: [{ variant: 'a', percentage: 0 }] })],
  [
    'with rules that have no variant',
    flag({ rules: [{}, { percentage: 100, segment: 'staff' }, { percentage: 0.1 }] }),
  ],
])('flagFindings accepts a flag %s', (_, value) => {
  expect(flagFindings(value)).toEqual([])
})

it.each<[string, Json | undefined, string[]]>([
  ['an undefined value', undefined, ['`/enabled` must be true or false']],
  ['a boolean', true, ['`/enabled` must be true or false']],
  ['an array', [true], ['`/enabled` must be true or false']],
  ['`enabled` as a string', { enabled: 'on' }, ['`/enabled` must be true or false']],
  [
    '`variants` as a string',
    flag({ variants: 'a' }),
    ['`/variants` must be an array of names, an array of objects with a `name`, or an object by name'],
  ],
  [
    'variants without names',
    flag({ variants: [{}] }),
    ['`/variants` must be an array of names, an array of objects with a `name`, or an object by name'],
  ],
  ['`rules` as an object', flag({ rules: {} }), ['`/rules` must be an array']],
  ['a rule as a string', flag({ rules: ['all'] }), ['`/rules/0` must be an object']],
  [
    'a rule with an unknown variant',
    flag({ variants: ['a'], rules: [{}, { variant: 'b' }] }),
    ["`/rules/1/variant` must be one of the flag's variants"],
  ],
  [
    'a rule with a variant of a flag without variants',
    flag({ rules: [{ variant: 'a' }] }),
    ["`/rules/0/variant` must be one of the flag's variants"],
  ],
  [
    'a variant given as a number',
    flag({ variants: ['0'], rules: [{ variant: 0 }] }),
    ["`/rules/0/variant` must be one of the flag's variants"],
  ],
  [
    'a percentage above 100',
    flag({ rules: [{ percentage: 101 }] }),
    ['`/rules/0/percentage` must be a number from 0 to 100'],
  ],
  [
    'a negative percentage',
    flag({ rules: [{ percentage: -1 }] }),
    ['`/rules/0/percentage` must be a number from 0 to 100'],
  ],
  [
    'a percentage as a string',
    flag({ rules: [{ percentage: '50' }] }),
    ['`/rules/0/percentage` must be a number from 0 to 100'],
  ],
])('flagFindings reports %s', (_, value, findings) => {
  expect(flagFindings(value)).toEqual(findings)
})

it('flagFindings reports every error, not only the first', () => {
  const value = { enabled: 1, variants: 7, rules: [{ variant: 'a', percentage: 200 }, 3] }
  expect(flagFindings(value)).toHaveLength(5)
})

it('flagFindings reports only `/variants` and `/rules` for any JSON in them', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (variants, rules) => {
      const findings = flagFindings({ enabled: true, variants: variants as Json, rules: rules as Json })
      for (const finding of findings) expect(finding).toMatch(/^`\/(variants|rules)/)
    }),
  )
})

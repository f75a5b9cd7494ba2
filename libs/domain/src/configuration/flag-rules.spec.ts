import fc from 'fast-check'
import type { Json } from '#libs/contracts'
import { flagFindings } from './flag-rules.js'

const flag = (more: { [key: string]: Json }): Json => ({ enabled: true, ...more })

it.each<[string, Json]>([
  ['on', flag({})],
  ['off', { enabled: false }],
  ['with names for variants', flag({ variants: ['a', 'b'], rules: [{ variant: 'b' }] })],
  ['with objects that have names', flag({ variants: [{ name: 'a', weight: 1 }], rules: [{ variant: 'a' }] })],
  ['with variants by name', flag({ variants: { a: null }, rules: [{ variant: 'a', percentage: 0 }] })],
  ['with rules of anything else', flag({ rules: [{}, { percentage: 100, segment: 'staff' }, { percentage: 0.1 }] })],
])('a flag is well-formed %s', (_, value) => {
  expect(flagFindings(value)).toEqual([])
})

it.each<[string, Json | undefined, string[]]>([
  ['nothing', undefined, ['`/enabled` must be true or false']],
  ['true', true, ['`/enabled` must be true or false']],
  ['a list', [true], ['`/enabled` must be true or false']],
  ['a word', { enabled: 'on' }, ['`/enabled` must be true or false']],
  [
    'variants in a word',
    flag({ variants: 'a' }),
    ['`/variants` must be an array of names, an array of objects with a `name`, or an object by name'],
  ],
  [
    'variants without names',
    flag({ variants: [{}] }),
    ['`/variants` must be an array of names, an array of objects with a `name`, or an object by name'],
  ],
  ['rules by name', flag({ rules: {} }), ['`/rules` must be an array']],
  ['a rule in a word', flag({ rules: ['all'] }), ['`/rules/0` must be an object']],
  [
    'a variant that there is not',
    flag({ variants: ['a'], rules: [{}, { variant: 'b' }] }),
    ["`/rules/1/variant` must be one of the flag's variants"],
  ],
  ['a variant of none', flag({ rules: [{ variant: 'a' }] }), ["`/rules/0/variant` must be one of the flag's variants"]],
  [
    'a variant by number',
    flag({ variants: ['0'], rules: [{ variant: 0 }] }),
    ["`/rules/0/variant` must be one of the flag's variants"],
  ],
  ['101 percent', flag({ rules: [{ percentage: 101 }] }), ['`/rules/0/percentage` must be a number from 0 to 100']],
  [
    'less than no percent',
    flag({ rules: [{ percentage: -1 }] }),
    ['`/rules/0/percentage` must be a number from 0 to 100'],
  ],
  [
    'a percentage in words',
    flag({ rules: [{ percentage: '50' }] }),
    ['`/rules/0/percentage` must be a number from 0 to 100'],
  ],
])('a flag is not well-formed with %s', (_, value, findings) => {
  expect(flagFindings(value)).toEqual(findings)
})

it('every wrong thing is found, not the first alone', () => {
  const value = { enabled: 1, variants: 7, rules: [{ variant: 'a', percentage: 200 }, 3] }
  expect(flagFindings(value)).toHaveLength(5)
})

it('any JSON is answered', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (variants, rules) => {
      const findings = flagFindings({ enabled: true, variants: variants as Json, rules: rules as Json })
      for (const finding of findings) expect(finding).toMatch(/^`\/(variants|rules)/)
    }),
  )
})

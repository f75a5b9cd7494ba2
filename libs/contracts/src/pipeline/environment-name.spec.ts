import fc from 'fast-check'
import { defaultPipeline, environmentKey, environmentKeys, resolveEnvironment, type Pipeline } from '#libs/contracts'

it.each([
  ['production', 'PRODUCTION'],
  ['production', ' Production'],
  ['production', '\tproduction \u00a0'],
  ['prod-eu', 'Prod-EU'],
  ['prüfung', 'PRU\u0308FUNG'],
  ['приём', 'ПРИЁМ'],
  ['prod eu', 'Prod EU '],
])('%j and %j are one environment', (name, other) => {
  expect(environmentKey(other)).toBe(environmentKey(name))
})

it.each([
  ['prod', 'prod-eu'],
  ['prod eu', 'prodeu'],
  ['große', 'grosse'],
  ['dev', 'dév'],
])('%j and %j are two', (name, other) => {
  expect(environmentKey(other)).not.toBe(environmentKey(name))
})

it('the key of a key is that key, and spaces at the ends are in none', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), name => {
      const key = environmentKey(name)
      expect(environmentKey(key)).toBe(key)
      expect(key.trim()).toBe(key)
      expect(environmentKey(` ${name}\t`)).toBe(key)
      expect(environmentKey(name.normalize('NFD'))).toBe(key)
    }),
  )
})

describe('a name', () => {
  const pipeline: Pipeline = { environments: [{ name: 'Test', aliases: ['QA', 'abnahme'] }, { name: 'Live EU' }] }

  it.each([
    ['test', 'Test'],
    ['qa ', 'Test'],
    ['ABNAHME', 'Test'],
    ['live eu', 'Live EU'],
    ['Live US', 'live us'],
    [' LIVE US', 'live us'],
  ])('%j is %j by a pipeline', (name, resolved) => {
    expect(resolveEnvironment(pipeline, name)).toBe(resolved)
  })

  it('has the keys of all names of its environment', () => {
    expect(environmentKeys(pipeline, 'Qa')).toEqual(['test', 'qa', 'abnahme'])
    expect(environmentKeys(pipeline, 'Live US')).toEqual(['live us'])
    expect(environmentKeys(defaultPipeline, 'PROD')).toEqual(['production', 'prod'])
  })

  it('that an older pipeline has twice is that of the first environment', () => {
    const twice: Pipeline = { environments: [{ name: 'prod' }, { name: 'PROD', aliases: ['other'] }] }
    expect(['PROD', 'prod', 'Other'].map(name => resolveEnvironment(twice, name))).toEqual(['prod', 'prod', 'PROD'])
  })
})

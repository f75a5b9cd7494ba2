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
])('environmentKey is equal for %j and %j', (name, other) => {
  expect(environmentKey(other)).toBe(environmentKey(name))
})

it.each([
  ['prod', 'prod-eu'],
  ['prod eu', 'prodeu'],
  ['große', 'grosse'],
  ['dev', 'dév'],
])('environmentKey differs for %j and %j', (name, other) => {
  expect(environmentKey(other)).not.toBe(environmentKey(name))
})

it('environmentKey is idempotent, trimmed and independent of Unicode normalization', () => {
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

describe('names of environments', () => {
  const pipeline: Pipeline = { environments: [{ name: 'Test', aliases: ['QA', 'abnahme'] }, { name: 'Live EU' }] }

  it.each([
    ['test', 'Test'],
    ['qa ', 'Test'],
    ['ABNAHME', 'Test'],
    ['live eu', 'Live EU'],
    ['Live US', 'live us'],
    [' LIVE US', 'live us'],
  ])('resolve %j to %j', (name, resolved) => {
    expect(resolveEnvironment(pipeline, name)).toBe(resolved)
  })

  it('have the keys of all names of their environment', () => {
    expect(environmentKeys(pipeline, 'Qa')).toEqual(['test', 'qa', 'abnahme'])
    expect(environmentKeys(pipeline, 'Live US')).toEqual(['live us'])
    expect(environmentKeys(defaultPipeline, 'PROD')).toEqual(['production', 'prod'])
  })

  it('resolve to the first environment if an old pipeline has a name twice', () => {
    const twice: Pipeline = { environments: [{ name: 'prod' }, { name: 'PROD', aliases: ['other'] }] }
    expect(['PROD', 'prod', 'Other'].map(name => resolveEnvironment(twice, name))).toEqual(['prod', 'prod', 'PROD'])
  })
})

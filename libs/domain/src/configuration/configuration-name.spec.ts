import { isRejection, type Pipeline, type PipelineChanged, type PipelineEnvironment } from '#libs/contracts'
import { affectedConfigurations, configurationName, pipeline, type PipelineSettings } from '#libs/domain'

const now = '2026-02-12T12:00:00Z'
const dev: PipelineEnvironment = { name: 'dev', aliases: ['development'] }
const staging: PipelineEnvironment = { name: 'staging', aliases: ['stage'] }
const live = (...aliases: string[]): PipelineEnvironment => ({ name: 'live', aliases })

/** The pipeline settings of a tenant, and the names of the configuration streams that have entries. */
class TestPipeline {
  settings: PipelineSettings = pipeline.initial

  constructor(readonly nonEmpty: Set<string>) {}

  /** Returns the rejection, or `undefined` if the pipeline was changed. */
  put(...environments: PipelineEnvironment[]): string | undefined {
    const next: Pipeline = { environments }
    const holding = affectedConfigurations(this.settings, next).filter(name => this.nonEmpty.has(name))
    const decision = pipeline.decide({ type: 'ChangePipeline', now, pipeline: next, holding }, this.settings)
    if (isRejection(decision)) return `${decision.code}: ${decision.reason}`
    this.settings = (decision as PipelineChanged[]).reduce(pipeline.evolve, this.settings)
    return undefined
  }

  of(...names: string[]): string[] {
    return names.map(name => configurationName(this.settings, name))
  }
}
const withConfiguration = (...streams: string[]) => new TestPipeline(new Set(streams))

describe('renaming an environment of the pipeline', () => {
  it.each([
    ['a new name', [dev, staging, live()]],
    ['a new name and an alias that it never had', [dev, staging, live('prod')]],
    ['a new name and a new position', [live(), dev, staging]],
  ])('is rejected only if the environment has configuration and its old name is dropped: %s', (_, environments) => {
    expect(withConfiguration('production').put(...environments)).toMatch(
      /^conflict: the environment production has configuration: keep its name/,
    )
    expect(withConfiguration('dev').put(...environments)).toBeUndefined()
    expect(withConfiguration().put(...environments)).toBeUndefined()
  })

  it('resolves both names to the same configuration while the old name stays as an alias', () => {
    const tenant = withConfiguration('production', 'staging')
    expect(tenant.put(dev, staging, live('production', 'prod'))).toBeUndefined()
    expect(tenant.of('live', 'production', 'prod', 'staging', 'elsewhere')).toEqual([
      'production',
      'production',
      'production',
      'staging',
      'elsewhere',
    ])
    expect(tenant.put(dev, staging, { name: 'main', aliases: ['live', 'production'] })).toBeUndefined()
    expect(tenant.of('main', 'live', 'production', 'prod')).toEqual(['production', 'production', 'production', 'prod'])
    expect(tenant.put(dev, staging, { name: 'main', aliases: ['live'] })).toMatch(
      /the configuration of main is stored under the name production: keep production as an alias of main/,
    )
    expect(tenant.put(dev, staging, { name: 'production' })).toMatch(/main has configuration: keep its name/)
    expect(tenant.put(dev, staging, { name: 'production', aliases: ['main'] })).toBeUndefined()
    expect([tenant.of('production', 'main'), tenant.settings.configurationNames]).toEqual([
      ['production', 'production'],
      undefined,
    ])
  })

  it('keeps the configuration name of an environment that has no configuration yet', () => {
    const tenant = withConfiguration()
    tenant.put(dev, staging, live('production'))
    expect(tenant.of('live')).toEqual(['production'])
    tenant.nonEmpty.add('production')
    expect(tenant.put(dev, live('production'))).toBeUndefined()
    expect(tenant.of('live')).toEqual(['production'])
    expect(tenant.put(dev, live())).toMatch(/keep production as an alias/)
    tenant.nonEmpty.clear()
    expect(tenant.put(dev, live())).toBeUndefined()
    expect(tenant.of('live', 'production')).toEqual(['live', 'production'])
  })
})

describe('removing an environment from the pipeline', () => {
  it('keeps its configuration under its name', () => {
    const tenant = withConfiguration('staging', 'production')
    expect(tenant.put(dev, { name: 'production' })).toBeUndefined()
    expect(tenant.of('staging', 'stage', 'production')).toEqual(['staging', 'stage', 'production'])
    expect(tenant.put(dev, { name: 'qa' }, { name: 'production' })).toBeUndefined()
    expect(tenant.put(dev, { name: 'qa', aliases: ['staging'] }, { name: 'production' })).toBeUndefined()
    expect(tenant.of('qa', 'staging')).toEqual(['staging', 'staging'])
  })

  it('keeps the capitals of its configuration name until it is added again', () => {
    const tenant = withConfiguration('Live EU')
    tenant.put(dev, { name: 'Live EU' })
    expect(tenant.of('live eu', 'LIVE EU')).toEqual(['Live EU', 'Live EU'])
    expect(tenant.put(dev)).toBeUndefined()
    expect(tenant.put(dev, staging)).toBeUndefined()
    expect(tenant.of('Live EU', 'live eu')).toEqual(['Live EU', 'Live EU'])
    expect(tenant.put(dev, { name: 'europe', aliases: ['LIVE EU'] })).toBeUndefined()
    expect(tenant.of('Europe', 'live eu')).toEqual(['Live EU', 'Live EU'])
  })

  it('is rejected if its configuration is stored under another name', () => {
    const tenant = withConfiguration('production')
    tenant.put(dev, staging, live('production'))
    expect(tenant.put(dev, staging)).toMatch(/^conflict: the environment live has configuration/)
    tenant.put(dev, staging, { name: 'production', aliases: ['live'] })
    expect(tenant.put(dev, staging)).toBeUndefined()
    expect(tenant.of('production')).toEqual(['production'])
  })
})

describe('two environments that have configuration', () => {
  it.each<[string, string[], PipelineEnvironment[]]>([
    ['both in the pipeline', ['staging', 'dev'], [{ name: 'dev', aliases: ['staging'] }]],
    [
      'one in the pipeline and one outside, by an alias',
      ['staging', 'qa'],
      [dev, { name: 'staging', aliases: ['qa'] }],
    ],
    ['one in the pipeline and one outside, by a name', ['production', 'live'], [dev, staging, live('production')]],
    ['both outside the pipeline', ['qa', 'int'], [{ name: 'test', aliases: ['qa', 'int'] }]],
  ])('cannot be merged: %s', (_, held, environments) => {
    expect(withConfiguration(...held).put(...environments)).toMatch(
      new RegExp(`^conflict: (${held[0]} and ${held[1]}|${held[1]} and ${held[0]}) both have`),
    )
    expect(withConfiguration(held[0]!).put(...environments)).toBeUndefined()
    const other = withConfiguration(held[1]!)
    expect(other.put(...environments)).toBeUndefined()
    expect(other.of(held[1]!)).toEqual([held[1]])
  })

  it('keep their configurations when they exchange names', () => {
    const tenant = withConfiguration('staging', 'production')
    expect(tenant.put({ name: 'production', aliases: ['stage'] }, { name: 'staging' })).toBeUndefined()
    expect(tenant.of('production', 'staging')).toEqual(['production', 'staging'])
  })
})

it('adding an environment to the pipeline keeps its configuration', () => {
  const tenant = withConfiguration('qa')
  expect(tenant.put(dev, { name: 'test', aliases: ['qa'] }, staging)).toBeUndefined()
  expect(tenant.of('test', 'qa')).toEqual(['qa', 'qa'])
})

it('putting the same pipeline again adds the configuration names that an old event does not have', () => {
  const tenant = withConfiguration('production')
  const environments = [dev, staging, live('production')]
  tenant.settings = pipeline.evolve(tenant.settings, {
    type: 'PipelineChanged',
    changedAt: now,
    pipeline: { environments },
  })
  expect(tenant.of('live', 'production')).toEqual(['live', 'live'])
  expect(tenant.put(...environments)).toBeUndefined()
  expect(tenant.of('live', 'production')).toEqual(['production', 'production'])
  expect(tenant.put(...environments)).toBeUndefined()
})

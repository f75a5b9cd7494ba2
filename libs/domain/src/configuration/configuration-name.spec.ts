import { isRejection, type Pipeline, type PipelineChanged, type PipelineEnvironment } from '#libs/contracts'
import { affectedConfigurations, configurationName, pipeline, type PipelineSettings } from '#libs/domain'

const now = '2026-02-12T12:00:00Z'
const dev: PipelineEnvironment = { name: 'dev', aliases: ['development'] }
const staging: PipelineEnvironment = { name: 'staging', aliases: ['stage'] }
const live = (...aliases: string[]): PipelineEnvironment => ({ name: 'live', aliases })

/** A tenant whose pipeline changes, and which streams of configuration hold anything meanwhile. */
class Changing {
  rules: PipelineSettings = pipeline.initial

  constructor(readonly held: Set<string>) {}

  /** `undefined`: it was not refused. */
  put(...environments: PipelineEnvironment[]): string | undefined {
    const next: Pipeline = { environments }
    const holding = affectedConfigurations(this.rules, next).filter(name => this.held.has(name))
    const decision = pipeline.decide({ type: 'ChangePipeline', now, pipeline: next, holding }, this.rules)
    if (isRejection(decision)) return `${decision.code}: ${decision.reason}`
    this.rules = (decision as PipelineChanged[]).reduce(pipeline.evolve, this.rules)
    return undefined
  }

  of(...names: string[]): string[] {
    return names.map(name => configurationName(this.rules, name))
  }
}
const holding = (...streams: string[]) => new Changing(new Set(streams))

describe('a pipeline that calls an environment something else', () => {
  it.each([
    ['another name', [dev, staging, live()]],
    ['another name, with an alias that it never had', [dev, staging, live('prod')]],
    ['another name, first', [live(), dev, staging]],
  ])('is refused where that holds configuration and loses its name: %s', (_, environments) => {
    expect(holding('production').put(...environments)).toMatch(
      /^conflict: the environment production has configuration: keep its name/,
    )
    expect(holding('dev').put(...environments)).toBeUndefined()
    expect(holding().put(...environments)).toBeUndefined()
  })

  it('finds its configuration under both names where the old one stays as an alias', () => {
    const tenant = holding('production', 'staging')
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
    expect([tenant.of('production', 'main'), tenant.rules.configurationNames]).toEqual([
      ['production', 'production'],
      undefined,
    ])
  })

  it('goes on with the same configuration where that holds nothing yet: a key may be set meanwhile', () => {
    const tenant = holding()
    tenant.put(dev, staging, live('production'))
    expect(tenant.of('live')).toEqual(['production'])
    tenant.held.add('production')
    expect(tenant.put(dev, live('production'))).toBeUndefined()
    expect(tenant.of('live')).toEqual(['production'])
    expect(tenant.put(dev, live())).toMatch(/keep production as an alias/)
    tenant.held.clear()
    expect(tenant.put(dev, live())).toBeUndefined()
    expect(tenant.of('live', 'production')).toEqual(['live', 'production'])
  })
})

describe('an environment that is taken out of the pipeline', () => {
  it('keeps what it holds under its name, outside', () => {
    const tenant = holding('staging', 'production')
    expect(tenant.put(dev, { name: 'production' })).toBeUndefined()
    expect(tenant.of('staging', 'stage', 'production')).toEqual(['staging', 'stage', 'production'])
    expect(tenant.put(dev, { name: 'qa' }, { name: 'production' })).toBeUndefined()
    expect(tenant.put(dev, { name: 'qa', aliases: ['staging'] }, { name: 'production' })).toBeUndefined()
    expect(tenant.of('qa', 'staging')).toEqual(['staging', 'staging'])
  })

  it('keeps what it holds though its name has capitals, until it comes back', () => {
    const tenant = holding('Live EU')
    tenant.put(dev, { name: 'Live EU' })
    expect(tenant.of('live eu', 'LIVE EU')).toEqual(['Live EU', 'Live EU'])
    expect(tenant.put(dev)).toBeUndefined()
    expect(tenant.put(dev, staging)).toBeUndefined()
    expect(tenant.of('Live EU', 'live eu')).toEqual(['Live EU', 'Live EU'])
    expect(tenant.put(dev, { name: 'europe', aliases: ['LIVE EU'] })).toBeUndefined()
    expect(tenant.of('Europe', 'live eu')).toEqual(['Live EU', 'Live EU'])
  })

  it('is not taken out under a name that its configuration does not have', () => {
    const tenant = holding('production')
    tenant.put(dev, staging, live('production'))
    expect(tenant.put(dev, staging)).toMatch(/^conflict: the environment live has configuration/)
    tenant.put(dev, staging, { name: 'production', aliases: ['live'] })
    expect(tenant.put(dev, staging)).toBeUndefined()
    expect(tenant.of('production')).toEqual(['production'])
  })
})

describe('two environments that hold configuration', () => {
  it.each<[string, string[], PipelineEnvironment[]]>([
    ['of the pipeline', ['staging', 'dev'], [{ name: 'dev', aliases: ['staging'] }]],
    ['of the pipeline and outside it, by an alias', ['staging', 'qa'], [dev, { name: 'staging', aliases: ['qa'] }]],
    ['of the pipeline and outside it, by a name', ['production', 'live'], [dev, staging, live('production')]],
    ['outside it', ['qa', 'int'], [{ name: 'test', aliases: ['qa', 'int'] }]],
  ])('do not become one: %s', (_, held, environments) => {
    expect(holding(...held).put(...environments)).toMatch(
      new RegExp(`^conflict: (${held[0]} and ${held[1]}|${held[1]} and ${held[0]}) both have`),
    )
    expect(holding(held[0]!).put(...environments)).toBeUndefined()
    const other = holding(held[1]!)
    expect(other.put(...environments)).toBeUndefined()
    expect(other.of(held[1]!)).toEqual([held[1]])
  })

  it('stay two where they exchange their names', () => {
    const tenant = holding('staging', 'production')
    expect(tenant.put({ name: 'production', aliases: ['stage'] }, { name: 'staging' })).toBeUndefined()
    expect(tenant.of('production', 'staging')).toEqual(['production', 'staging'])
  })
})

it('an environment outside the pipeline that comes into it keeps what it holds', () => {
  const tenant = holding('qa')
  expect(tenant.put(dev, { name: 'test', aliases: ['qa'] }, staging)).toBeUndefined()
  expect(tenant.of('test', 'qa')).toEqual(['qa', 'qa'])
})

it('what an earlier version left under no name is found again when the pipeline is put again', () => {
  const tenant = holding('production')
  const environments = [dev, staging, live('production')]
  tenant.rules = pipeline.evolve(tenant.rules, { type: 'PipelineChanged', changedAt: now, pipeline: { environments } })
  expect(tenant.of('live', 'production')).toEqual(['live', 'live'])
  expect(tenant.put(...environments)).toBeUndefined()
  expect(tenant.of('live', 'production')).toEqual(['production', 'production'])
  expect(tenant.put(...environments)).toBeUndefined()
})

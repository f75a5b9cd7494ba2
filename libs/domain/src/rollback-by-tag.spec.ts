import { defaultPipeline, type DeploymentRecord } from '#libs/contracts'
import { chooseByTag } from './index.js'

const one = (id: string, more: Partial<DeploymentRecord> = {}): DeploymentRecord => ({
  id,
  application: 'platform',
  environment: 'dev',
  imageTag: 'v1',
  status: 'DEPLOYED',
  deployedAt: '2026-02-12T10:00:00Z',
  succeeded: true,
  ...more,
})
const choose = (
  latest: DeploymentRecord[],
  running: string[],
  narrow: { application?: string; environment?: string } = {},
  pipeline = defaultPipeline,
) => chooseByTag({ imageTag: 'v1', ...narrow }, pipeline, latest, ({ id }) => running.includes(id))

it('takes the one that runs', () => {
  expect(choose([one('a'), one('b', { environment: 'prod' })], ['b'])).toMatchObject({ id: 'b' })
})

it('takes the latest where none runs', () => {
  expect(choose([one('a', { status: 'FAILED' })], [])).toMatchObject({ id: 'a' })
})

it('lists the candidates where more than one is meant', () => {
  const latest = [one('a'), one('b', { environment: 'prod' }), one('c', { environment: 'staging' })]
  expect(choose(latest, ['a', 'b'])).toMatchObject({
    code: 'conflict',
    details: {
      candidates: [
        { id: 'a', environment: 'dev' },
        { id: 'b', environment: 'prod' },
      ],
    },
  })
  expect(choose(latest, [])).toMatchObject({ code: 'conflict', details: { candidates: [{}, {}, {}] } })
})

it('narrows by application and environment, aliases resolved', () => {
  const latest = [one('a'), one('b', { environment: 'prod' }), one('c', { environment: 'prod', application: 'shop' })]
  expect(choose(latest, ['a', 'b', 'c'], { application: 'platform', environment: 'production' })).toMatchObject({
    id: 'b',
  })
})

it('conflicts where it is rolled back', () => {
  expect(choose([one('a', { status: 'ROLLED_BACK' })], [])).toMatchObject({ code: 'conflict' })
})

it('does not go on to another place where it is rolled back in one: asked twice, it would mark two', () => {
  const latest = [one('a', { status: 'ROLLED_BACK' }), one('b', { environment: 'prod' })]
  expect(choose(latest, [])).toMatchObject({ code: 'conflict', details: { candidates: [{ id: 'a' }, { id: 'b' }] } })
  expect(choose(latest, [], { environment: 'prod' })).toMatchObject({ id: 'b' })
  expect(choose(latest, ['b'])).toMatchObject({ id: 'b' })
})

it('finds nothing where no deployment has the tag', () => {
  expect(choose([], [])).toMatchObject({ code: 'not-found' })
  expect(choose([one('a')], ['a'], { environment: 'prod' })).toMatchObject({ code: 'not-found' })
})

describe('names that mean one environment', () => {
  const own = { environments: [{ name: 'live', aliases: ['production'] }, { name: 'prod' }] }
  const latest = [
    one('later', { environment: 'production' }),
    one('earlier', { environment: 'live' }),
    one('other', { environment: 'prod' }),
  ]

  it('are one place, of which the latest counts', () => {
    expect(choose(latest, [], { environment: 'live' }, own)).toMatchObject({ id: 'later' })
    expect(choose(latest, [], { environment: 'production' }, own)).toMatchObject({ id: 'later' })
  })

  it('are those of the tenant’s pipeline alone', () => {
    expect(choose(latest, [], { environment: 'prod' }, own)).toMatchObject({ id: 'other' })
    expect(choose(latest, [], {}, own)).toMatchObject({ details: { candidates: [{ id: 'later' }, { id: 'other' }] } })
    expect(choose(latest, [], { environment: 'prod' })).toMatchObject({ id: 'later' })
  })
})

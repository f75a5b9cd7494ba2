import type {
  ContextStreams,
  DeploymentFacts,
  IncidentCommand,
  IncidentEvent,
  IncidentFacts,
  Rejection,
} from '#libs/contracts'
import fc from 'fast-check'
import { deployment, incident, pipeline, readsOfOpening } from '#libs/domain'

const incidentId = 'INC-1'
const deploymentId = '0198c0de-0000-7000-8000-000000000001'
const now = '2026-02-12T12:00:00Z'
const startedAt = '2026-02-12T10:00:00Z'
const slot = { application: 'checkout', environment: 'prod' }

const opened = (more: Partial<IncidentFacts> = {}): IncidentEvent => ({
  type: 'IncidentOpened',
  incidentId,
  ...slot,
  startedAt,
  ...more,
})
const resolved: IncidentEvent = { type: 'IncidentResolved', incidentId, resolvedAt: '2026-02-12T11:00:00Z' }
const open = (facts: Partial<IncidentFacts> = slot) =>
  ({ type: 'OpenIncident', incidentId, tenant: 'acme', now, facts: { startedAt, ...facts } }) as const
const resolve = (resolvedAt = '2026-02-12T11:00:00Z'): IncidentCommand => ({
  type: 'ResolveIncident',
  incidentId,
  now,
  resolvedAt,
})

/** The context streams in which a deployment was recorded. */
function knowing(facts: Partial<DeploymentFacts> = {}): ContextStreams {
  const state = deployment.evolve(deployment.initial, {
    type: 'DeploymentRecorded',
    deploymentId,
    ...slot,
    imageTag: 'v1',
    status: 'DEPLOYED',
    deployedAt: startedAt,
    ...facts,
  })
  return new Map<string, unknown>([
    [`deployment-acme/${deploymentId}`, state],
    ['pipeline-acme/rules', pipeline.initial],
  ])
}

function given(...events: IncidentEvent[]) {
  const state = events.reduce(incident.evolve, incident.initial)
  return { when: (command: IncidentCommand, context?: ContextStreams) => incident.decide(command, state, context) }
}
const refusal = (code: Rejection['code'], reason: RegExp) =>
  expect.objectContaining({ code, reason: expect.stringMatching(reason) })

describe('OpenIncident', () => {
  it('records the facts', () => {
    const facts = { ...slot, title: 'down', url: 'https://example.com/1' }
    expect(given().when(open(facts))).toEqual([opened(facts)])
  })

  it('takes the default application, but not beside a deployment', () => {
    expect(given().when(open({ environment: 'prod' }))).toEqual([opened({ application: 'platform' })])
    expect(given().when(open({ deploymentId, environment: 'prod' }))).toEqual([
      { type: 'IncidentOpened', incidentId, deploymentId, environment: 'prod', startedAt },
    ])
  })

  it('takes the application and environment of the named deployment, if that is known', () => {
    expect(given().when(open({ deploymentId }))).toEqual([
      { type: 'IncidentOpened', incidentId, deploymentId, startedAt },
    ])
    expect(given().when(open({ deploymentId }), knowing({ environment: 'production' }))).toEqual([
      opened({ deploymentId, environment: 'production' }),
    ])
  })

  it('accepts any name of the environment of the named deployment', () => {
    const facts = { deploymentId, environment: ' Production' }
    expect(given().when(open(facts), knowing())).toEqual([opened(facts)])
  })

  it.each([
    ['application', { application: 'search' }],
    ['environment', { environment: 'staging' }],
  ])('rejects a named deployment of another %s', (_, other) => {
    const refused = given().when(open({ deploymentId, ...slot, ...other }), knowing())
    expect(refused).toEqual(refusal('unprocessable', /is a deployment of application checkout in environment prod/))
    expect(refused).toMatchObject({ errors: [{ pointer: '/deploymentId' }], dependsOnState: true })
  })

  it.each([
    ['a start before 1970', { startedAt: '1969-12-31T23:59:59.999Z' }, '/startedAt', /before 1970/],
    ['a start more than 24 h in the future', { startedAt: '2026-02-13T12:00:00.001Z' }, '/startedAt', /more than 24 h/],
    ['a blank environment', { environment: ' ' }, '/environment', /must not be blank/],
  ])('rejects %s', (_, facts, pointer, reason) => {
    const refused = given().when(open({ ...slot, ...facts }))
    expect(refused).toEqual(refusal('unprocessable', reason))
    expect((refused as Rejection).errors).toEqual([{ pointer, detail: expect.any(String) }])
  })

  it('accepts a start exactly 24 h in the future', () => {
    expect(given().when(open({ ...slot, startedAt: '2026-02-13T12:00:00Z' }))).toHaveLength(1)
  })

  it('rejects an id that is in use', () => {
    expect(given(opened()).when(open())).toEqual(refusal('unprocessable', /already exists/))
    expect(given(opened(), resolved).when(open())).toEqual(refusal('unprocessable', /already exists/))
  })
})

describe('ResolveIncident', () => {
  it('records the time, which may be that of the start', () => {
    expect(given(opened()).when(resolve())).toEqual([resolved])
    expect(given(opened()).when(resolve(startedAt))).toHaveLength(1)
  })

  it('rejects an unknown incident, one that is resolved, and a time before the start or more than 24 h in the future', () => {
    expect(given().when(resolve())).toEqual(refusal('not-found', /INC-1 does not exist/))
    expect(given(opened(), resolved).when(resolve())).toEqual(
      refusal('conflict', /resolved since 2026-02-12T11:00:00Z/),
    )
    expect(given(opened()).when(resolve('2026-02-12T09:59:59Z'))).toEqual(
      refusal('unprocessable', /`resolvedAt` is before `startedAt`/),
    )
    expect(given(opened()).when(resolve('2026-02-13T12:00:00.001Z'))).toEqual(refusal('unprocessable', /24 h/))
  })
})

it('reads the named deployment and the pipeline, and nothing without a name', () => {
  expect(readsOfOpening(open())).toEqual([])
  expect(readsOfOpening(open({ deploymentId }))).toEqual([`deployment-acme/${deploymentId}`, 'pipeline-acme/rules'])
})

it('shares the order of its application; of the tenant without one', () => {
  const keyOf = (...events: IncidentEvent[]) => incident.orderingKey(events.reduce(incident.evolve, incident.initial))
  expect(keyOf(opened(), resolved)).toBe('checkout')
  expect(keyOf({ type: 'IncidentOpened', incidentId, deploymentId, startedAt }, resolved)).toBeUndefined()
})

it('is resolved at most once, whatever the commands', () => {
  const times = fc.constantFrom('2026-02-12T09:00:00Z', startedAt, '2026-02-12T11:00:00Z', '2026-02-14T00:00:00Z')
  const command = fc.oneof(
    times.map(at => open({ ...slot, startedAt: at })),
    times.map(at => resolve(at)),
  )
  fc.assert(
    fc.property(fc.array(command), commands => {
      let state = incident.initial
      const events: IncidentEvent[] = []
      for (const each of commands) {
        const decision = incident.decide(each, state)
        for (const event of Array.isArray(decision) ? decision : []) {
          state = incident.evolve(state, event)
          events.push(event)
        }
      }
      expect(events.map(({ type }) => type)).toEqual(['IncidentOpened', 'IncidentResolved'].slice(0, events.length))
      const { startedAt: start = '', resolvedAt: end = start } = state.state === 'opened' ? state.record : {}
      expect(Date.parse(end) >= Date.parse(start) || events.length === 0).toBe(true)
    }),
  )
})

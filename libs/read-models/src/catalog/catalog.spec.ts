import type { DomainEvent } from '#libs/contracts'
import type { Query } from '#libs/postgres'
import type { ProjectedEvent } from '../log/projected-event.js'
import { catalog, deployments, type EachIsKnown } from './catalog.js'

it('EachIsKnown does not compile with an event type that is neither handled nor ignored', () => {
  const ofToday: EachIsKnown<DomainEvent['type']> = true
  // @ts-expect-error -- nothing handles it
  const ofTomorrow: EachIsKnown<DomainEvent['type'] | 'DeploymentArchived'> = true
  expect([ofToday, ofTomorrow]).toEqual([true, true])
})

it('apply rejects an event without a handler before it runs a statement', async () => {
  const query: Query = () => Promise.reject(new Error('no statement is expected'))
  const event = { event: { type: 'DeploymentArchived' } } as unknown as ProjectedEvent
  await expect(deployments.apply(query, [event])).rejects.toThrow('no read model handles DeploymentArchived')
})

it('each table belongs to one entry of the catalogue', () => {
  const tables = catalog.flatMap(({ models }) => Object.values<readonly string[]>(models).flat())
  expect(tables.toSorted()).toEqual([...new Set(tables)].toSorted())
})

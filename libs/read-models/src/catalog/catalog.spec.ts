import type { DomainEvent } from '#libs/contracts'
import type { ClientBase } from 'pg'
import type { ProjectedEvent } from '../log/projected-event.js'
import { catalog, deployments, type EachIsKnown } from './catalog.js'

it('does not compile where a type of event is neither handled nor ignored', () => {
  const ofToday: EachIsKnown<DomainEvent['type']> = true
  // @ts-expect-error -- nothing handles it
  const ofTomorrow: EachIsKnown<DomainEvent['type'] | 'DeploymentArchived'> = true
  expect([ofToday, ofTomorrow]).toEqual([true, true])
})

it('refuses an event that nothing handles before it touches a table', async () => {
  const connection = {} as ClientBase
  const event = { event: { type: 'DeploymentArchived' } } as unknown as ProjectedEvent
  await expect(deployments.apply(connection, [event])).rejects.toThrow('no read model handles DeploymentArchived')
})

it('has each table in one entry', () => {
  const tables = catalog.flatMap(({ models }) => Object.values<readonly string[]>(models).flat())
  expect(tables.toSorted()).toEqual([...new Set(tables)].toSorted())
})

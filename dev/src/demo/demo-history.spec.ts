import { demoHistory, demoIncidents, demoRemoval, demoRollback, demoVoid, endOfHistory } from './demo-history.js'

const end = new Date('2026-11-21T12:00:00Z')
const history = demoHistory(end)

test('demoHistory has about 40 deployments of 4 applications in 3 environments, in order, within 30 days', () => {
  expect(history.length).toBeGreaterThanOrEqual(38)
  expect(history.length).toBeLessThanOrEqual(45)
  expect(new Set(history.map(deployment => deployment.application)).size).toBe(4)
  expect(new Set(history.map(deployment => deployment.environment)).size).toBe(3)
  const times = history.map(deployment => Date.parse(deployment.deployedAt))
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  expect(times[0]).toBe(end.getTime() - 30 * 86_400_000)
  expect(times.at(-1)).toBeLessThanOrEqual(end.getTime())
})

test('demoHistory has two failures, a cancelled and a pending deployment, and a rollback in production', () => {
  const statuses = history.map(deployment => deployment.status)
  expect(statuses.filter(status => status === 'FAILED')).toHaveLength(2)
  expect(statuses.filter(status => status === 'PENDING')).toHaveLength(1)
  expect(statuses.filter(status => status === 'CANCELLED')).toHaveLength(1)
  const payments = history.filter(
    ({ application, environment }) => `${application} ${environment}` === 'payments production',
  )
  expect(payments.slice(-2).map(deployment => deployment.imageTag)).toEqual(['v3.3.0', 'v3.2.0'])
  const { id, rolledBackAt } = demoRollback(end)
  const undone = payments.at(-2)!
  expect(id).toBe(undone.id)
  expect(Date.parse(rolledBackAt)).toBeGreaterThan(Date.parse(undone.completedAt!))
})

test('demoVoid names a deployment in production that the history has', () => {
  const { id } = demoVoid(end)
  expect(history.filter(deployment => deployment.id === id)).toMatchObject([
    { application: 'checkout', environment: 'production', imageTag: 'v1.7.0', status: 'DEPLOYED' },
  ])
})

test('demoRemoval removes the latest deployment of its place, after its finish', () => {
  const { id, removedAt } = demoRemoval(end)
  const place = history.filter(one => `${one.application} ${one.environment}` === 'notifications dev')
  expect(id).toBe(place.at(-1)!.id)
  expect(Date.parse(removedAt)).toBeGreaterThan(Date.parse(place.at(-1)!.completedAt!))
  expect(Date.parse(removedAt)).toBeLessThan(end.getTime())
})

test('demoHistory gives each deployment a unique id that does not depend on the end', () => {
  const ids = history.map(deployment => deployment.id)
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(demoHistory(new Date('2027-01-01T00:00:00Z')).map(deployment => deployment.id)).toEqual(ids)
})

test('endOfHistory restores the end from the first deployment, so that a later run repeats the history', () => {
  expect(demoHistory(endOfHistory(history[0].deployedAt))).toEqual(history)
})

test('demoIncidents has a resolved and an open incident, each while a deployment of its application was active', () => {
  const incidents = demoIncidents(end)
  expect(incidents.map(({ resolvedAt }) => resolvedAt !== undefined)).toEqual([true, false])
  for (const { incident, resolvedAt = incident.startedAt } of incidents) {
    const finished = history.find(
      ({ application, environment, status, completedAt }) =>
        application === incident.application &&
        environment === incident.environment &&
        status === 'DEPLOYED' &&
        Date.parse(completedAt!) < Date.parse(incident.startedAt),
    )
    expect(finished).toBeDefined()
    expect(Date.parse(resolvedAt)).toBeGreaterThanOrEqual(Date.parse(incident.startedAt))
  }
})

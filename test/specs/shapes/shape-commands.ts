import { v5 as uuidV5 } from 'uuid'
import {
  formatInstant,
  type CorrectableFacts,
  type DeploymentCommand,
  type DeploymentFacts,
  type IncidentCommand,
} from '#libs/contracts'

/** A command of the decider of deployments or incidents; the clock and the tenant are the log's. */
export type ShapeCommand = DistributiveOmit<DeploymentCommand | IncidentCommand, 'now' | 'tenant'>
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

const MINUTE_MS = 60_000
export const STEP_MINUTES = 10
const FIRST_START = Date.UTC(2024, 0, 1)
const NAMESPACE = '6ba7b810-9dad-11d1-80b4-00c04fd430c8'

export const idOf = (n: number) => uuidV5(`deployment ${n}`, NAMESPACE)
export const minute = (minutes: number) => formatInstant(new Date(FIRST_START + minutes * MINUTE_MS))
export const startOf = (n: number) => minute(n * STEP_MINUTES)
export const finishOf = (n: number) => minute(n * STEP_MINUTES + 5)
export const shaOf = (n: number) => n.toString(16).padStart(40, '0')
export const numbers = (count: number) => Array.from({ length: count }, (_, n) => n)

export type Facts = Partial<DeploymentFacts>

/** Records the n-th deployment: a success of its own tag and commit in one place, unless told otherwise. */
export function record(n: number, facts: Facts = {}): ShapeCommand {
  return {
    type: 'RecordDeployment',
    deploymentId: idOf(n),
    facts: {
      application: 'shop',
      environment: 'production',
      imageTag: `v${n}`,
      gitCommit: shaOf(n),
      status: 'DEPLOYED',
      deployedAt: startOf(n),
      completedAt: finishOf(n),
      ...facts,
    },
  }
}

/** Deployments in the order of their starts, with facts of their own. */
export const recorded =
  (factsOf: (n: number, count: number) => Facts = () => ({})) =>
  (count: number): ShapeCommand[] =>
    numbers(count).map(n => record(n, factsOf(n, count)))

/** All of them recorded, and then something about each. */
export const recordedThen =
  (factsOf: (n: number, count: number) => Facts, then: (n: number, count: number) => ShapeCommand) =>
  (count: number): ShapeCommand[] => [...recorded(factsOf)(count), ...numbers(count).map(n => then(n, count))]

export function correctStart(n: number, minutes: number): ShapeCommand {
  return {
    type: 'CorrectDeployment',
    deploymentId: idOf(n),
    changes: { deployedAt: minute(n * STEP_MINUTES + minutes), completedAt: minute(n * STEP_MINUTES + minutes + 5) },
    reason: 'the clock was wrong',
  }
}

export function correct(n: number, changes: CorrectableFacts): ShapeCommand {
  return { type: 'CorrectDeployment', deploymentId: idOf(n), changes, reason: 'it was not so' }
}

export function rollBack(n: number, rolledBackAt: string): ShapeCommand {
  return { type: 'RollBackDeployment', deploymentId: idOf(n), rolledBackAt }
}

export function remove(n: number, removedAt: string): ShapeCommand {
  return { type: 'RemoveDeployment', deploymentId: idOf(n), removedAt }
}

export function complete(n: number, status: 'DEPLOYED' | 'FAILED', completedAt: string): ShapeCommand {
  return { type: 'CompleteDeployment', deploymentId: idOf(n), status, completedAt }
}

export function voidRecord(n: number): ShapeCommand {
  return { type: 'VoidDeployment', deploymentId: idOf(n), reason: 'it never was' }
}

/** Opens the n-th incident, in the place of the deployments unless it names one. */
export function openIncident(n: number, startedAt: string, deploymentId?: string): ShapeCommand {
  const facts = { application: 'shop', environment: 'production', startedAt, ...(deploymentId && { deploymentId }) }
  return { type: 'OpenIncident', incidentId: `incident ${n}`, facts }
}

export function resolveIncident(n: number, resolvedAt: string): ShapeCommand {
  return { type: 'ResolveIncident', incidentId: `incident ${n}`, resolvedAt }
}

/** An incident of each of so many deployments. */
export const incidentOfEach = (count: number) => numbers(count).map(n => openIncident(n, minute(n * STEP_MINUTES + 7)))

/** In an order that has nothing to do with the given one, the same each time. */
export function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item, n) => ({ item, order: Math.imul(n + 1, 2_654_435_761) >>> 0 }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ item }) => item)
}

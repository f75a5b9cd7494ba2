import { textArray } from '../../sql/array-literal.js'

/** An application in an environment, by the pipeline's name of it. */
export interface Slot {
  tenant: string
  application: string
  environmentName: string
}

/** A key of a place: the same for the same place. */
export function slotKey({ tenant, application, environmentName }: Slot): string {
  return JSON.stringify([tenant, application, environmentName])
}

/** A key of a deployment: two tenants may have one id, and a UUID may be written in either case. */
export function deploymentKey(tenant: string, id: string): string {
  return `${tenant}/${id.toLowerCase()}`
}

/** Places as parameters `text[]` of a statement: their tenants, applications and environments. */
export function slotArrays(slots: readonly Slot[]): [string, string, string] {
  return [
    textArray(slots.map(({ tenant }) => tenant)),
    textArray(slots.map(({ application }) => application)),
    textArray(slots.map(({ environmentName }) => environmentName)),
  ]
}

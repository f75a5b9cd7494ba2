import { textArray } from '#libs/postgres'

/** An application in an environment, by the pipeline's name of the environment. */
export interface Slot {
  tenant: string
  application: string
  environmentName: string
}

/** A key of a slot: equal for the same slot. */
export function slotKey({ tenant, application, environmentName }: Slot): string {
  return JSON.stringify([tenant, application, environmentName])
}

/** Slots as statement parameters `text[]`: tenants, applications and environments. */
export function slotArrays(slots: readonly Slot[]): [string, string, string] {
  return [
    textArray(slots.map(({ tenant }) => tenant)),
    textArray(slots.map(({ application }) => application)),
    textArray(slots.map(({ environmentName }) => environmentName)),
  ]
}

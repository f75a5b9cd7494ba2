import { textArray } from '../../sql/array-literal.js'

/** An application in an environment, by the pipeline's name of it. */
export interface Place {
  tenant: string
  application: string
  environmentName: string
}

/** A key of a place: the same for the same place. */
export function placeKey({ tenant, application, environmentName }: Place): string {
  return JSON.stringify([tenant, application, environmentName])
}

/** A key of a deployment: two tenants may have one id, and a UUID may be written in either case. */
export function deploymentKey(tenant: string, id: string): string {
  return `${tenant}/${id.toLowerCase()}`
}

/** Places as parameters `text[]` of a statement: their tenants, applications and environments. */
export function placeArrays(places: readonly Place[]): [string, string, string] {
  return [
    textArray(places.map(({ tenant }) => tenant)),
    textArray(places.map(({ application }) => application)),
    textArray(places.map(({ environmentName }) => environmentName)),
  ]
}

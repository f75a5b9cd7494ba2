import type { Column } from '#libs/postgres'

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

/** The columns of a slot, for the row sets of statements. */
export const slotKeys: readonly Column<Slot>[] = [
  { name: 'tenant', type: 'text', value: ({ tenant }) => tenant },
  { name: 'application', type: 'text', value: ({ application }) => application },
  { name: 'environment_name', type: 'text', value: ({ environmentName }) => environmentName },
]

/** The same of the slot that a row has. */
export const slotKeysOf = <Row>(slotOf: (row: Row) => Slot): Column<Row>[] =>
  slotKeys.map(column => ({ ...column, value: row => column.value(slotOf(row)) }))

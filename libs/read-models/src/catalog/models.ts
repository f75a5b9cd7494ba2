import { catalog } from './catalog.js'

export type Model = (typeof catalog)[number] extends infer Entry
  ? Entry extends { models: infer Models }
    ? keyof Models & string
    : never
  : never

const tablesOf = Object.assign({}, ...catalog.map(({ models }) => models)) as Record<Model, readonly string[]>

/** Names of the read models, as operators choose them. */
export const MODELS = Object.keys(tablesOf) as readonly Model[]

/** Tables that tell how a schema came about: they belong to it, not to a read model. */
export const BOOKKEEPING: readonly string[] = ['migration', 'projection_position', 'parked_event', 'state_version']

/** The versions of the states that the tables store, by the category of their decider. */
export const STORED_STATES: ReadonlyMap<string, number> = new Map(
  catalog.flatMap(({ stores }) => stores).map(({ category, stateVersion }) => [category, stateVersion]),
)

/** A table, and the read model that it belongs to. */
export interface ModelTable {
  model: Model
  table: string
}

/** The tables of some read models. */
export function modelTables(models: readonly Model[]): ModelTable[] {
  return models.flatMap(model => tablesOf[model].map(table => ({ model, table })))
}

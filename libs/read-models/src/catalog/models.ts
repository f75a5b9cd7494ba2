/** The read models by the questions that they answer, and the tables of each. Every table of the schema belongs to one of them. */
const tablesOf = {
  history: ['deployment_history', 'deployment_superseded', 'deployment_event', 'deployment_commit'],
  current: ['deployment_current'],
  drift: ['deployment_interval'],
  metrics: ['deployment_metric', 'deployment_counter', 'deployment_histogram', 'deployment_value'],
  configuration: ['configuration_history', 'configuration_current', 'configuration_secret'],
  promotions: ['promotion', 'promotion_event'],
  rules: ['tenant_pipeline', 'key_schema'],
} as const

export type Model = keyof typeof tablesOf

export const MODELS = Object.keys(tablesOf) as readonly Model[]

/** Tables that tell how a schema came about: they belong to it, not to what is answered from it. */
export const BOOKKEEPING: readonly string[] = ['migration', 'projection_position', 'parked_event']

/** A table, and the model that it belongs to. */
export interface ModelTable {
  model: Model
  table: string
}

export function modelTables(models: readonly Model[]): ModelTable[] {
  return models.flatMap(model => tablesOf[model].map(table => ({ model, table })))
}

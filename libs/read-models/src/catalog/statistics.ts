import { statement, type Query } from '#libs/postgres'
import { MODELS, modelTables } from './models.js'

const FIRST_AT = 1000
const GROWTH = 4
const ENOUGH = 1_000_000

/**
 * Analyses tables as they grow. New tables have no statistics until autovacuum runs, once a minute, in which a bulk import writes a hundred
 * thousand rows; without statistics the planner would choose the wrong index.
 */
export class Statistics {
  private projected = 0
  private due = FIRST_AT

  /** Call it with the number of projected events. */
  async grown(query: Query, events: number): Promise<void> {
    this.projected += events
    if (this.projected < this.due || this.due > ENOUGH) return
    this.due = this.projected * GROWTH
    const tables = modelTables(MODELS).map(({ table }) => table)
    await query(statement('analyze', `ANALYZE ${tables.join(', ')}`))
  }
}

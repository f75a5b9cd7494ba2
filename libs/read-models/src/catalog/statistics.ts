import type { Query } from '../sql/query.js'
import { MODELS, modelTables } from './models.js'

const FIRST_AT = 1000
const GROWTH = 4
const ENOUGH = 1_000_000

/**
 * Tables that grow from nothing have no statistics until autovacuum looks at them, once a minute, and a minute of a bulk import is
 * a hundred thousand rows: until then the planner would take the wrong index. So the projector has them analysed as they grow.
 */
export class Statistics {
  private projected = 0
  private due = FIRST_AT

  /** To be called with the number of events that were projected. */
  async grown(query: Query, events: number): Promise<void> {
    this.projected += events
    if (this.projected < this.due || this.due > ENOUGH) return
    this.due = this.projected * GROWTH
    const tables = modelTables(MODELS).map(({ table }) => table)
    await query({ text: `ANALYZE ${tables.join(', ')}`, values: [] })
  }
}

import pg from 'pg'
import { toQueryConfig, type Query } from '#libs/postgres'
import { READ_SESSION } from '#libs/read-models'

interface PlanNode {
  'Node Type': string
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  'Rows Removed by Join Filter'?: number
  'Rows Removed by Index Recheck'?: number
  'Shared Hit Blocks'?: number
  'Shared Read Blocks'?: number
  Plans?: PlanNode[]
}

/** What a statement has cost, whatever the machine was doing. */
export interface Cost {
  /** Rows that its scans gave, again and again where they were repeated, or that any step passed over. */
  rows: number
  /** Blocks that it looked at: index entries that were passed over are in no count of rows. */
  blocks: number
}

/** A connection as the query app makes them, which counts what is asked on it. */
export class CountedConnection {
  private spent: (Cost & { name?: string; plan: string })[] = []

  private constructor(private readonly client: pg.Client) {
    client.on('notice', ({ message }) => {
      const json = message?.slice(message.indexOf('{'))
      if (!json?.startsWith('{')) return
      const { Plan: plan } = JSON.parse(json) as { Plan: PlanNode }
      const blocks = (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0)
      this.spent.push({ rows: rowsOf(plan), blocks, plan: json })
    })
  }

  /** @param databaseUrl of a superuser: others may load no module of the server */
  static async open(databaseUrl: string): Promise<CountedConnection> {
    const counting = [
      'session_preload_libraries=auto_explain',
      'auto_explain.log_min_duration=0',
      'auto_explain.log_analyze=on',
      'auto_explain.log_timing=off',
      'auto_explain.log_buffers=on',
      'auto_explain.log_format=json',
      'auto_explain.log_level=notice',
    ]
    // Small tables are read as large ones are.
    const options = ['search_path=read_v1', ...counting, ...READ_SESSION, 'enable_seqscan=off']
      .map(setting => `-c ${setting}`)
      .join(' ')
    const client = new pg.Client({ connectionString: databaseUrl, options })
    await client.connect()
    return new CountedConnection(client)
  }

  /** Statements that are planned once are planned without their values, as they may be from the sixth time on. */
  readonly query: Query = async <Row>(statement: Parameters<Query>[0]): Promise<Row[]> => {
    await this.client.query(`SET plan_cache_mode = ${statement.prepared === undefined ? 'auto' : 'force_generic_plan'}`)
    const before = this.spent.length
    const { rows } = await this.client.query(toQueryConfig(statement))
    for (const spent of this.spent.slice(before)) spent.name = statement.name
    return rows as Row[]
  }

  /** What the statements of a question cost. */
  async costOf(ask: (query: Query) => Promise<unknown>): Promise<Cost & { statements: CountedConnection['spent'] }> {
    this.spent = []
    await ask(this.query)
    const sum = (of: keyof Cost) => this.spent.reduce((all, cost) => all + cost[of], 0)
    return { rows: sum('rows'), blocks: sum('blocks'), statements: this.spent }
  }

  close(): Promise<void> {
    return this.client.end()
  }
}

// What passes rows on has not read them, and a bitmap is of rows that its table is then read for.
const PASSING = ['Subquery Scan', 'Bitmap Index Scan']

function rowsOf(node: PlanNode): number {
  const type = node['Node Type']
  const reads = type === 'Materialize' || (type.endsWith('Scan') && !PASSING.includes(type))
  const removed =
    (node['Rows Removed by Filter'] ?? 0) +
    (node['Rows Removed by Join Filter'] ?? 0) +
    (node['Rows Removed by Index Recheck'] ?? 0)
  const own = ((reads ? node['Actual Rows'] : 0) + removed) * node['Actual Loops']
  return (node.Plans ?? []).reduce((sum, child) => sum + rowsOf(child), own)
}

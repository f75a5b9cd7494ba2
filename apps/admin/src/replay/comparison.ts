import type { RowDifference, TableComparison } from '#libs/read-models'
import { answer, count } from '../process/output.js'

/** Shows tables beside each other, and what differs; says whether all are equal. */
export function showComparison(tables: readonly TableComparison[]): boolean {
  for (const { model, table, live, next, differences } of tables) {
    const name = `${model.padEnd(14)} ${table.padEnd(24)}`
    if (differences.length === 0) answer(`${name} equal    ${count(live.rows)} rows, hash ${live.hash || 'of none'}`)
    else {
      answer(
        `${name} differs  live ${count(live.rows)} rows, hash ${live.hash}; next ${count(next.rows)} rows, hash ${next.hash}`,
      )
      for (const difference of differences) showDifference(difference)
    }
  }
  return tables.every(({ differences }) => differences.length === 0)
}

function showDifference({ kind, count: rows, examples }: RowDifference): void {
  answer(`  ${kind}: ${count(rows)} rows, the first of them`)
  for (const { key, columns } of examples) {
    const changes = Object.entries(columns).map(
      ([name, [live, next]]) => `${name}: live ${JSON.stringify(live)}, next ${JSON.stringify(next)}`,
    )
    answer(`    ${key} ${changes.join('; ')}`.trimEnd())
  }
}

import type { RowDifference, TableComparison } from '#libs/read-models'
import { count, print } from '../process/output.js'

/** Prints each table of both versions, with its differences. True: all are equal. */
export function printComparison(tables: readonly TableComparison[]): boolean {
  for (const { model, table, live, next, differences } of tables) {
    const name = `${model.padEnd(14)} ${table.padEnd(24)}`
    if (differences.length === 0) print(`${name} equal    ${count(live.rows)} rows, hash ${live.hash || 'none'}`)
    else {
      print(
        `${name} differs  live ${count(live.rows)} rows, hash ${live.hash || 'none'}; ` +
          `next ${count(next.rows)} rows, hash ${next.hash || 'none'}`,
      )
      for (const difference of differences) printDifference(difference)
    }
  }
  return tables.every(({ differences }) => differences.length === 0)
}

function printDifference({ kind, count: rows, examples }: RowDifference): void {
  print(`  ${kind}: ${count(rows)} rows, the first ones:`)
  for (const { key, columns } of examples) {
    const changes = Object.entries(columns).map(
      ([name, [live, next]]) => `${name}: live ${JSON.stringify(live)}, next ${JSON.stringify(next)}`,
    )
    print(`    ${key} ${changes.join('; ')}`.trimEnd())
  }
}

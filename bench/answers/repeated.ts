import { ReadModels } from '#libs/read-models'
import { table } from '../harness/report/report.js'
import { ascending, quantile } from '../harness/report/statistics.js'
import type { Question } from './questions.js'

const TIMES = 20
/** A longer time ends the run. */
const LIMIT_MS = 120_000

/**
 * Runs each query 20 times on its own connection with the query app's settings, always for the same values. From the sixth execution on,
 * Postgres may plan a prepared statement without its values, and a bad plan for average values shows as a later time that is much longer
 * than the first. Returns a table in Markdown.
 */
export async function askRepeatedly(questions: readonly Question[], databaseUrl: string): Promise<string[]> {
  const rows: string[][] = []
  for (const question of questions) {
    const [first, ...later] = await timesOf(question, databaseUrl)
    const sorted = ascending(later)
    const worst = sorted.at(-1)!
    const shown = [first!, quantile(sorted, 0.5), worst].map(time => `${time.toFixed(1)} ms`)
    rows.push([question.name, ...shown, (worst / first!).toFixed(2)])
  }
  return table(
    [`SQL alone, ${TIMES} times per connection`, 'first', 'median of the later', 'worst', 'worst / first'],
    rows,
  )
}

async function timesOf({ ask }: Question, databaseUrl: string): Promise<number[]> {
  const readModels = new ReadModels({
    databaseUrl,
    applicationName: 'bench',
    access: 'read',
    poolSize: 1,
    limitMs: LIMIT_MS,
    logger: { info() {}, warn() {} },
  })
  try {
    await readModels.open()
    await readModels.query({ text: 'SELECT 1', values: [] })
    const times: number[] = []
    for (let n = 0; n < TIMES; n++) {
      const asked = performance.now()
      await ask(readModels.query, 0)
      times.push(performance.now() - asked)
    }
    return times
  } finally {
    await readModels.close()
  }
}

import { AppProcess } from '../harness/app/app-process.js'
import type { Bench } from '../harness/report/bench.js'
import type { Comparison, Result } from '../harness/report/report.js'
import { measure, type Measured, type Subject } from '../harness/report/rounds.js'
import { findAsked } from './asked.js'
import { BY_SQL, bySql, overHttp, readerConnection } from './asking.js'
import { FilledTables } from './filled-tables.js'
import { year } from './made-up-year.js'
import { proveFilling } from './proof.js'
import { questionsOf, VARIANTS, type Question, type Questions } from './questions.js'
import { askRepeatedly } from './repeated.js'

const SMALL = 200_000
const LARGE = 10_000_000

/** What the read models are asked, of a year of deployments. */
export async function answers(bench: Bench): Promise<Result> {
  const { servers, say } = bench
  const rows = bench.rows ?? (bench.quick ? 20_000 : bench.large ? LARGE : SMALL)
  say('  proving the filling on a sample')
  await proveFilling(servers)
  const filled = await fill(bench, rows)
  const tenth = await fill(bench, rows / 10)
  // Both sizes of history have an app of their own, which is asked nothing else: a process that is asked more is faster.
  const apps = [await start(bench, filled), await start(bench, filled), await start(bench, tenth)]
  const [app, appOfHistory, appOfTenth] = apps as [AppProcess, AppProcess, AppProcess]
  const [sql, sqlOfTenth] = [await readerConnection(filled.databaseUrl), await readerConnection(tenth.databaseUrl)]
  try {
    const questions = questionsOf(await findAsked(sql, VARIANTS))
    const { history } = questionsOf(await findAsked(sqlOfTenth, VARIANTS))
    const onTenth = { ...history, name: `${history.name}, a tenth of the rows` }
    const subjects: Subject[] = [overHttp(onTenth, appOfTenth, bench)]
    for (const question of Object.values(questions)) {
      const asked = question === questions.history ? appOfHistory : app
      if (!question.slow) subjects.push(overHttp(question, asked, bench))
      subjects.push(await bySql(question, sql, bench))
    }
    const measured = await measure(subjects, bench)
    say('  asking each question again and again on one connection')
    const repeated = await askRepeatedly(Object.values(questions), filled.databaseUrl)
    const of = ({ name }: Question, how = '') => measured.find(subject => subject.name === name + how)!
    return {
      name: 'answers',
      measured,
      comparisons: [...targeted(questions, of, of(onTenth)), ...overSql(Object.values(questions), of)],
      tables: [repeated],
      notes: notesOn(filled, tenth),
    }
  } finally {
    await Promise.all([sql.end(), sqlOfTenth.end(), ...apps.map(each => each.stop())])
  }
}

async function fill({ servers, say }: Bench, rows: number): Promise<FilledTables> {
  say(`  filling ${rows.toLocaleString('en')} deployments`)
  const filled = await FilledTables.create(servers, rows)
  say(`    ${sizeOf(filled)}`)
  return filled
}

function start({ servers }: Bench, { databaseUrl }: FilledTables): Promise<AppProcess> {
  return AppProcess.start(servers, 'query', { databaseUrl, topic: servers.topicName('answers') })
}

type MeasuredOf = (question: Question, how?: string) => Measured

function targeted(questions: Questions, of: MeasuredOf, historyOfTenth: Measured): Comparison[] {
  const { history, current50, current500, then50, then500, metrics, metricsOnTheFly } = questions
  const asOf = (then: Question, now: Question): Comparison => ({
    title: `${then.name}, against the same page of what runs: p50`,
    figure: 'p50',
    subject: of(then),
    against: of(now),
    target: { atMost: 3 },
  })
  return [
    {
      title: `${history.name}, ten times the rows: p50`,
      figure: 'p50',
      subject: of(history),
      against: historyOfTenth,
      target: { atMost: 2 },
    },
    asOf(then50, current50),
    asOf(then500, current500),
    {
      title: `${metrics.name}, against the same on the fly: SQL alone`,
      figure: 'rate',
      subject: of(metrics, BY_SQL),
      against: of(metricsOnTheFly, BY_SQL),
      target: { atLeast: 100 },
    },
  ]
}

function overSql(questions: Question[], of: MeasuredOf): Comparison[] {
  return questions
    .filter(({ slow }) => !slow)
    .map(question => ({
      title: `${question.name}: over HTTP against its SQL alone, p50`,
      figure: 'p50',
      subject: of(question),
      against: of(question, BY_SQL),
    }))
}

function notesOn(filled: FilledTables, tenth: FilledTables): string[] {
  return [
    `answers: ${sizeOf(filled)}; and a tenth: ${sizeOf(tenth)}. Made by SQL, not through the log; that this leaves the rows that the ` +
      'projection leaves is proved on a sample of 8,000, table by table, before each run. 20 tenants, skewed by Zipf’s law; asked is the ' +
      `biggest, with ${year.applications.toLocaleString('en')} applications in three environments over ${year.days} days, skewed too: 5 % ` +
      'failed, 2.5 % were rolled back, 4 % go back to an older version, half name a commit and a quarter all of theirs with their times.',
    'answers: one caller, one question after the other, each time of another application, tag or instant (16 of them). SQL: the statements ' +
      'that the app runs for it, on a connection of `pg` that is set as the app’s. A list of a thousand is asked for page by page, and its ' +
      'latency is that of all pages. The tables are UNLOGGED, since only reading is measured; the server’s settings are its defaults.',
  ]
}

function sizeOf({ rows, bytes, seconds }: FilledTables): string {
  const minutes = (seconds / 60).toFixed(1)
  return `${rows.toLocaleString('en')} deployments in ${(bytes / 1e9).toFixed(1)} GB, filled in ${minutes} minutes`
}

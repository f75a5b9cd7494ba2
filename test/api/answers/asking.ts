import type { Answers, Selection } from '../../independent/answers/answers.js'
import { differences } from '../../independent/differences.js'
import type { DriftQuestion } from '../../independent/answers/drift.js'
import type { MetricsQuestion } from '../../independent/answers/metrics.js'
import type { Moment } from '../../independent/deployments/moments.js'
import type { ProblemQuestion } from '../../independent/answers/rollback-target.js'
import { deploymentsPath, type HttpClient, incidentsPath } from '../../kit/index.js'

type OfApplication = Moment & { application?: string | undefined }

/** Where an answer is not what the recomputation says; empty: nowhere. */
export type Findings = object[]

/** Asks one tenant of a service, and compares each answer with a plain recomputation. */
export class Asking {
  constructor(
    private readonly http: HttpClient,
    private readonly answers: Answers,
  ) {}

  current(selection: Selection): Promise<Findings> {
    return this.list(`current${search({ ...selection, limit: 500 })}`, this.answers.current(selection))
  }

  history(selection: Selection, limit = 500): Promise<Findings> {
    return this.list(`history${search({ ...selection, limit })}`, this.answers.history(selection))
  }

  async incidents(selection: Selection & { open?: boolean | undefined }, limit = 500): Promise<Findings> {
    const path = search({ ...selection, limit })
    return about(path, differences(await this.http.all(`${incidentsPath}${path}`), this.answers.incidents(selection)))
  }

  tagPath(imageTag: string, selection: OfApplication): Promise<Findings> {
    const path = `tag/${encodeURIComponent(imageTag)}/path${search({ ...selection })}`
    return this.path(path, this.answers.tagPath(imageTag, selection))
  }

  commitPath(sha: string, selection: OfApplication): Promise<Findings> {
    const path = `commits/${encodeURIComponent(sha)}/path${search({ ...selection })}`
    return this.path(path, this.answers.commitPath(sha, selection))
  }

  /** Whether it is 404 as well, and who is problem, target and passed over; not the checks. */
  async rollbackTarget(question: ProblemQuestion & Moment): Promise<Findings> {
    const path = `rollback-target${search({ ...question })}`
    const { status, text, json } = await this.http.get(`${deploymentsPath}/${path}`)
    if (status !== 200 && status !== 404) return [{ path, status, text }]
    const due = this.answers.rollbackTarget(question)
    const actual = {
      status,
      problem: json.problem?.id,
      target: json.target?.id,
      passedOver: (json.passedOver ?? []).map(objection),
    }
    const { problem, target, passedOver } = due
    const expected = { status: target === undefined ? 404 : 200, problem, target, passedOver }
    return about(path, differences([actual], [expected]))
  }

  /** @param limit rows a page; without `asOf` one page must hold all, since each is answered as of its own now */
  async drift(question: DriftQuestion & Moment, limit = 500): Promise<Findings> {
    const path = `drift${search({ ...question, limit })}`
    const actual: unknown[] = []
    const expected = this.answers.drift(question)
    let asOf = ''
    for (let next: string | undefined = `${deploymentsPath}/${path}`; next !== undefined;) {
      const answer = await this.http.get(next)
      if (answer.status !== 200) return [{ path, status: answer.status, text: answer.text }]
      actual.push(...answer.json.applications)
      asOf = answer.json.asOf
      next = /<([^>]+)>;\s*rel="next"/.exec(String(answer.headers['link'] ?? ''))?.[1]
    }
    const aged = expected.map(row => {
      if (row['since'] === undefined) return row
      return { ...row, ageSeconds: (Date.parse(asOf) - Date.parse(row['since'] as string)) / 1000 }
    })
    const differing = aged.filter(({ state }) => state !== 'same')
    const onlyDiffering = await this.http.get(
      `${deploymentsPath}/drift${search({ ...question, onlyDiffering: true, limit: 500 })}`,
    )
    const unaged = ({ ageSeconds: _, ...row }: Record<string, unknown>) => row
    return [
      ...about(path, differences(actual, aged)),
      ...about(
        `${path}&onlyDiffering=true`,
        differences(onlyDiffering.json.applications.map(unaged), differing.map(unaged)),
      ),
    ]
  }

  /** Ages are of the present: compared are the differences between them, which are those of when the tags came to run. */
  async changes(question: DriftQuestion & Moment): Promise<Findings> {
    const path = `changes${search({ ...question, limit: 500 })}`
    const { status, text, json } = await this.http.get(`${deploymentsPath}/${path}`)
    if (status !== 200) return [{ path, status, text }]
    const actual = ([json].flat() as ReturnType<Answers['changes']>).filter(
      ({ aheadBy, commitCount }) => aheadBy || commitCount,
    )
    const expected = this.answers.changes(question).filter(({ aheadBy }) => aheadBy)
    const { asOf } = question
    const aged = (row: Record<string, unknown>, waits: number[]) => ({
      ...row,
      ahead: (row['ahead'] as Record<string, unknown>[]).map(({ since: _1, waitingSeconds: _2, ...tag }, n) => ({
        ...tag,
        waits: Math.round((asOf === undefined ? waits[0]! - waits[n]! : -waits[n]!) * 1000),
      })),
      oldestWaitingSeconds: undefined,
    })
    const at = asOf === undefined ? 0 : Date.parse(asOf)
    return about(
      path,
      differences(
        actual.map(row =>
          aged(
            row,
            row.ahead.map(({ waitingSeconds }) => waitingSeconds as number),
          ),
        ),
        expected.map(row =>
          aged(
            row,
            row.ahead.map(({ since }) => (at - since) / 1000),
          ),
        ),
      ),
    )
  }

  async metrics(question: MetricsQuestion & Moment): Promise<Findings> {
    const path = `metrics${search({ ...question })}`
    const { status, text, json } = await this.http.get(`${deploymentsPath}/${path}`)
    if (status !== 200) return [{ path, status, text }]
    return about(path, differences([rounded(json)], [rounded(this.answers.figures(question))]))
  }

  private async list(path: string, expected: unknown[]): Promise<Findings> {
    return about(path, differences(await this.http.all(`${deploymentsPath}/${path}`), expected))
  }

  /** Where nothing arrived anywhere, the tag or the commit may be unknown. */
  private async path(path: string, expected: unknown[]): Promise<Findings> {
    const { status, text, json } = await this.http.get(`${deploymentsPath}/${path}`)
    if (status === 404 && expected.length === 0) return []
    return status === 200 ? about(path, differences(json, expected)) : [{ path, status, text }]
  }
}

function about(path: string, found: object[]): Findings {
  return found.map(difference => ({ path, ...difference }))
}

/** A reason in prose, as the recomputation has it. */
function objection({ deployment, reason }: { deployment: { id: string }; reason: string }): object {
  const { id } = deployment
  const by = /^It was undone: deployment ([0-9a-f-]+) of /.exec(reason)?.[1]
  if (by !== undefined) return { id, why: 'undone', by }
  if (reason.startsWith('It has the same tag as the problem')) return { id, why: 'same tag' }
  if (reason.startsWith('It was itself rolled back')) return { id, why: 'ROLLED_BACK' }
  return { id, why: /PENDING|FAILED|CANCELLED/.exec(reason)?.[0] }
}

function search(parameters: Record<string, unknown>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined)
  const pairs = given.flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, String(one)]))
  return `?${new URLSearchParams(pairs).toString()}`
}

/** Numbers to ten digits: a sum in another order differs in the last of them. */
function rounded(value: unknown): unknown {
  if (typeof value === 'number') return Number(value.toPrecision(10))
  if (Array.isArray(value)) return value.map(rounded)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, rounded(part)]))
}

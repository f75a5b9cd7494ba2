import { Answers } from '../independent/answers.js'
import type { Deployment } from '../independent/deployments.js'
import { Asking, type Findings } from '../answers/asking.js'
import { Questions } from '../answers/questions.js'
import { type HttpClient, random } from '../stack/index.js'
import { realPipeline } from './pipeline.js'

/** One tenant that the real deployments were imported for: what is known of them independently, and what may be asked. */
export class RealTenant {
  private readonly asking: Asking
  private readonly questions: Questions
  private readonly next = random(77_016)
  private readonly moments: string[]

  constructor(
    http: HttpClient,
    private readonly deployments: Deployment[],
  ) {
    const byRecordedAt = deployments.toSorted((a, b) => Date.parse(a.recordedAt) - Date.parse(b.recordedAt))
    const known = (knownAt?: string) =>
      knownAt === undefined
        ? deployments
        : deployments.filter(({ recordedAt }) => Date.parse(recordedAt) <= Date.parse(knownAt))
    this.asking = new Asking(http, new Answers(known, realPipeline))
    // Few, since the recomputation looks at everything again for each.
    this.moments = [0.1, 0.37, 0.63, 0.9].map(share => byRecordedAt[Math.floor(share * deployments.length)]!.recordedAt)
    this.questions = new Questions(
      {
        applications: [...new Set(deployments.map(({ application }) => application))],
        environments: realPipeline.environments,
        instants: deployments.map(({ deployedAt }) => deployedAt).toSorted((a, b) => Date.parse(a) - Date.parse(b)),
      },
      this.next,
    )
  }

  /** Asks so many questions of each kind at random, until some are answered wrong. */
  async askAtRandom(rounds: number): Promise<Record<'current' | 'path' | 'drift' | 'metrics', Findings>> {
    return {
      current: await this.ask(rounds, () => this.asking.current({ application: this.application(), ...this.moment() })),
      path: await this.ask(rounds, () =>
        this.asking.tagPath(this.tag(), { application: this.application(), ...this.moment() }),
      ),
      drift: await this.ask(rounds, () =>
        this.asking.drift({ ...this.questions.pair(), application: this.application(), ...this.moment() }),
      ),
      metrics: await this.ask(rounds, () => this.asking.metrics({ ...this.questions.metrics(), ...this.moment() })),
    }
  }

  private async ask(rounds: number, question: () => Promise<Findings>): Promise<Findings> {
    const findings: Findings = []
    for (let round = 0; round < rounds && findings.length < 5; round++) findings.push(...(await question()))
    return findings
  }

  // All applications at once now and then: the recomputation takes its time over them.
  private application(): string | undefined {
    return this.questions.application(0.9)
  }

  private tag(): string {
    return this.questions.oneOf(this.deployments).imageTag
  }

  /** Now, at an instant, as known at an instant, both. */
  private moment(): { asOf?: string; knownAt?: string } {
    const kind = this.next()
    return {
      ...(kind > 0.1 && kind < 0.8 && { asOf: this.questions.instant() }),
      ...(kind > 0.6 && { knownAt: this.questions.oneOf(this.moments) }),
    }
  }
}

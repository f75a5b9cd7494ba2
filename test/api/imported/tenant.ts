import { Answers } from '../../independent/answers/answers.js'
import type { Deployment } from '../../independent/deployments/deployments.js'
import { Asking, type Findings } from '../answers/asking.js'
import { Questions } from '../answers/questions.js'
import { askInRounds } from '../answers/rounds.js'
import { byStart, instant } from '../../independent/deployments/places.js'
import { type HttpClient, random } from '../../kit/index.js'
import { realPipeline } from './pipeline.js'

/** One tenant that the real deployments were imported for: what is known of them independently, and what may be asked. */
export class RealTenant {
  private readonly asking: Asking
  private readonly questions: Questions
  private readonly next = random(77_016)
  private readonly moments: string[]

  /** @param recordedAt when each deployment was recorded, by id, which only the service knows */
  constructor(
    http: HttpClient,
    private readonly deployments: Deployment[],
    recordedAt: Map<string, string>,
  ) {
    const timed = deployments.map(deployment => ({ ...deployment, recordedAt: recordedAt.get(deployment.id)! }))
    const recorded = timed.map(deployment => deployment.recordedAt).toSorted((a, b) => instant(a) - instant(b))
    // Few, since the recomputation keeps what was known at each.
    this.moments = [0.1, 0.37, 0.63, 0.9].map(share => recorded[Math.floor(share * recorded.length)]!)
    // What is in order already is put in order fast, time and again.
    const ordered = timed.toSorted(byStart)
    const knownAt = (moment: string) => ordered.filter(known => instant(known.recordedAt) <= instant(moment))
    const knownThen = new Map(this.moments.map(moment => [moment, knownAt(moment)]))
    const facts = (moment?: string) => (moment === undefined ? ordered : knownThen.get(moment)!)
    this.asking = new Asking(http, new Answers(facts, realPipeline))
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
      current: await askInRounds(rounds, () =>
        this.asking.current({ application: this.application(), ...this.moment() }),
      ),
      path: await askInRounds(rounds, () =>
        this.asking.tagPath(this.tag(), { application: this.application(), ...this.moment() }),
      ),
      drift: await askInRounds(rounds, () =>
        this.asking.drift({ ...this.questions.pair(), application: this.application(), ...this.moment() }),
      ),
      metrics: await askInRounds(rounds, () => this.asking.metrics({ ...this.questions.metrics(), ...this.moment() })),
    }
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

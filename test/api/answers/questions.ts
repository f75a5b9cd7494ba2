import type { Selection } from '../../independent/answers/answers.js'
import type { Bucket } from '../../independent/answers/calendar.js'
import type { DriftQuestion } from '../../independent/answers/drift.js'
import type { MetricsQuestion } from '../../independent/answers/metrics.js'
import type { ProblemQuestion } from '../../independent/answers/rollback-target.js'

/** What random questions are about. */
export interface Subject {
  applications: string[]
  environments: string[]
  /** `key=value`. */
  labels?: string[]
  /** When something happened: edges of whatever is asked. */
  instants: string[]
}

// Clocks that go back at midnight, half hours, quarters, no clocks that change at all, a day that was never there.
const timezones = [
  'UTC',
  'Europe/London',
  'America/Havana',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'America/Los_Angeles',
  'Pacific/Kiritimati',
  'Asia/Beirut',
]
const buckets: Bucket[] = ['day', 'week', 'month']

/** Questions at random, the same for the same numbers. */
export class Questions {
  constructor(
    private readonly subject: Subject,
    private readonly next: () => number,
  ) {}

  oneOf<T>(items: readonly T[]): T {
    return items[Math.floor(this.next() * items.length)]!
  }

  /** When something happened, a moment before or after, or any time between the first and the last of it. */
  instant(): string {
    const { instants } = this.subject
    const kind = this.next()
    const at = Date.parse(this.oneOf(instants))
    if (kind < 0.5) return shown(at + this.oneOf([-1, 0, 0, 1, 1000]))
    const [first, last] = [Date.parse(instants[0]!), Date.parse(instants.at(-1)!)]
    return shown(Math.floor(first + this.next() * (last - first)))
  }

  /** @param share how often there is one */
  application(share = 0.7): string | undefined {
    return this.next() < share ? this.oneOf(this.subject.applications) : undefined
  }

  /** One value, or two, one of which may be said twice, or none. */
  several(values: readonly string[]): string | string[] | undefined {
    const kind = this.next()
    if (kind < 0.4) return undefined
    return kind < 0.6 ? this.oneOf(values) : [this.oneOf(values), this.oneOf(values)]
  }

  /** Filters of a list. */
  selection(): Pick<Selection, 'application' | 'environment' | 'label'> {
    const { applications, environments, labels = [] } = this.subject
    const label = labels.length > 0 ? this.several(labels) : undefined
    return {
      application: this.several(applications),
      environment: this.several(environments),
      label: label === undefined ? undefined : [label].flat(),
    }
  }

  environment(): string {
    return this.oneOf(this.subject.environments)
  }

  /** A deployment, or what runs in a place. */
  problem(deployments: { id: string }[]): ProblemQuestion {
    if (this.next() < 0.5) return { deploymentId: this.oneOf(deployments).id }
    return { application: this.oneOf(this.subject.applications), environment: this.environment() }
  }

  pair(): Pick<DriftQuestion, 'source' | 'target'> {
    const source = this.environment()
    const others = this.subject.environments.filter(environment => environment !== source)
    return { source, target: this.oneOf(others) }
  }

  /** Metrics of several environments and applications, and of labels. */
  metricsOfSeveral(): MetricsQuestion {
    const { application, environment = this.environment(), label } = this.selection()
    return { ...this.metrics(), application, environment, label }
  }

  metrics(): MetricsQuestion {
    const [from, to] = [this.instant(), this.instant()].toSorted((a, b) => Date.parse(a) - Date.parse(b))
    return {
      environment: this.environment(),
      application: this.application(0.5),
      from: from!,
      // A window of nothing is none.
      to: shown(Math.max(Date.parse(to!), Date.parse(from!) + 1)),
      bucket: this.oneOf([...buckets, undefined]),
      timezone: this.oneOf([...timezones, undefined]),
      rollbacks: this.oneOf(['reported' as const, undefined, undefined]),
    }
  }
}

function shown(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z')
}

import type { Deployment } from '../deployments/deployments.js'
import { byText, defaultPipeline, environmentName, type Pipeline } from '../deployments/pipeline.js'
import { instant, type Place, placesOf } from '../deployments/places.js'
import { hasLabels, isOneOf, type Several } from './selected.js'
import { type Step, stepsOf } from './steps.js'

export interface DriftQuestion {
  source: string
  target: string
  application?: Several
  /** Of what runs on either side. */
  label?: string[] | undefined
  asOf?: string | undefined
}

/** A row of the drift of two environments, without `ageSeconds`. */
export type DriftRow = Record<string, unknown>

/** What differs between environments, and since when, as the deployments of one tenant tell it; asked again, it knows what ran. */
export class Drift {
  private readonly places: Place[]
  private readonly steps = new Map<Place, Step[]>()

  constructor(
    deployments: Deployment[],
    private readonly pipeline: Pipeline = defaultPipeline,
  ) {
    this.places = placesOf(deployments, pipeline)
  }

  /** One row an application, by name. */
  rows({ source, target, application, label, asOf }: DriftQuestion): DriftRow[] {
    const applications = new Set(this.places.map(place => place.application))
    return [...applications]
      .filter(name => isOneOf(name, application))
      .toSorted(byText)
      .flatMap(name => {
        const sides: [Side, Side] = [this.side(name, source, asOf), this.side(name, target, asOf)]
        const labelled = sides.some(({ steps }) => {
          const running = steps.at(-1)?.running
          return running !== undefined && hasLabels(running.more, label)
        })
        return label === undefined || labelled ? rowOf(...sides) : []
      })
  }

  private side(application: string, name: string, asOf: string | undefined): Side {
    const environment = environmentName(name, this.pipeline)
    const place = this.places.find(other => other.application === application && other.environment === environment)
    if (!place) return { application, environment, steps: [] }
    const steps = this.steps.get(place) ?? stepsOf(place)
    this.steps.set(place, steps)
    const end = asOf === undefined ? Infinity : instant(asOf)
    return { application, environment, steps: steps.filter(({ from }) => from <= end) }
  }
}

interface Side {
  application: string
  environment: string
  steps: Step[]
}

/** What ran on both sides from `from` (ms) on. */
interface Pair {
  from: number
  source: Deployment | undefined
  target: Deployment | undefined
}

function rowOf(sourceTimeline: Side, targetTimeline: Side): DriftRow[] {
  const pairs = pairsOf(sourceTimeline.steps, targetTimeline.steps)
  const { source, target } = pairs.at(-1) ?? {}
  if (!source && !target) return []
  const sides = {
    application: sourceTimeline.application,
    ...(source && { source: shown(source) }),
    ...(target && { target: shown(target) }),
  }
  if (source?.imageTag === target?.imageTag) return [{ ...sides, state: 'same' }]

  const { since, cause } = beginning(pairs, [sourceTimeline, targetTimeline])
  const began = { since: shownInstant(since), cause }
  if (!source || !target) return [{ ...sides, state: source ? 'onlyInSource' : 'onlyInTarget', ...began }]

  const ahead = lastWith(sourceTimeline, target.imageTag)
  const behind = lastWith(targetTimeline, source.imageTag)
  const direction = ahead >= 0 === behind >= 0 ? 'diverged' : ahead >= 0 ? 'ahead' : 'behind'
  const newer = new Set(sourceTimeline.steps.slice(ahead + 1).flatMap(({ running }) => running?.imageTag ?? []))
  return [{ ...sides, state: 'different', ...began, direction, ...(ahead >= 0 && { aheadBy: newer.size }) }]
}

/** Where a tag was last current; -1: nowhere. */
function lastWith({ steps }: Side, tag: string): number {
  return steps.findLastIndex(({ running }) => running?.imageTag === tag)
}

function pairsOf(source: Step[], target: Step[]): Pair[] {
  const pairs: Pair[] = []
  const instants = new Set([...source, ...target].map(({ from }) => from))
  const [sources, targets] = [source, target].map(steps => new Map(steps.map(step => [step.from, step])))
  for (const from of [...instants].toSorted((a, b) => a - b)) {
    const before = pairs.at(-1)
    const side = (changed: Step | undefined, name: 'source' | 'target') => (changed ? changed.running : before?.[name])
    pairs.push({ from, source: side(sources!.get(from), 'source'), target: side(targets!.get(from), 'target') })
  }
  return pairs
}

/** One side without a current deployment differs from any tag; where neither has one there is nothing to differ. */
function differ({ source, target }: Pair): boolean {
  return source?.imageTag !== target?.imageTag
}

/** When the span without a break began that lasts until now, and what began it: both sides in one instant, the later in the log. */
function beginning(pairs: Pair[], sides: [Side, Side]): { since: number; cause: object } {
  const first = pairs.findLastIndex(pair => !differ(pair)) + 1
  const { from: since, source, target } = pairs[first]!
  const before = pairs[first - 1]
  // Another deployment of the same tag makes no difference.
  const changed = [before?.source?.imageTag !== source?.imageTag, before?.target?.imageTag !== target?.imageTag]
  const causes = sides.flatMap(({ environment, steps }, side) => {
    const step = changed[side] ? steps.find(({ from }) => from === since) : undefined
    return step ? [{ ...step.cause, environment, byRemoval: step.byRemoval }] : []
  })
  const { id, environment, imageTag, byRemoval } = causes.toSorted((a, b) => a.seq - b.seq).at(-1)!
  return { since, cause: { deploymentId: id, environment, imageTag, ...(byRemoval && { removed: true }) } }
}

const shown = ({ imageTag, id, deployedAt }: Deployment) => ({ imageTag, deploymentId: id, deployedAt })

/** As answers show an instant: milliseconds only where they are not zero. */
export function shownInstant(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z')
}

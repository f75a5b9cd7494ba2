import { type Incident, incidentsAsOf, newestIncidentFirst, ownerOf, shownIncident } from '../deployments/incidents.js'
import type { Deployment } from '../deployments/deployments.js'
import { Drift, type DriftQuestion, type DriftRow } from './drift.js'
import { Metrics, type MetricsQuestion } from './metrics.js'
import { type ChangesRow, environmentChanges } from './environment-changes.js'
import { hasLabels, isOneOf, type Several } from './selected.js'
import { asOf, type Moment } from '../deployments/moments.js'
import { commitPath, tagPath } from './paths.js'
import { defaultPipeline, environmentName, type Pipeline } from '../deployments/pipeline.js'
import { recompute, recomputeCurrent } from './reducer.js'
import { type ProblemQuestion, rollbackTarget, type TargetDue } from './rollback-target.js'

type Shown = Record<string, unknown>

/** What narrows a question. */
export interface Selection extends Moment {
  application?: Several
  environment?: Several
  /** All of these, `key=value`. */
  label?: string[] | undefined
}

/** What the read API must answer about one tenant, at any moment. What several questions stand on is found once. */
export class Answers {
  private readonly drifts = new Map<string | undefined, Drift>()
  private readonly metrics = new Map<string | undefined, Metrics>()

  /** @param facts the deployments as they were known at an instant; as they are known now where left out; `incidents` likewise */
  constructor(
    private readonly facts: (knownAt?: string) => Deployment[],
    readonly pipeline: Pipeline = defaultPipeline,
    private readonly incidentsKnown: (knownAt?: string) => Incident[] = () => [],
  ) {}

  /** Newest first. */
  history(selection: Selection): Shown[] {
    return this.selected(
      recompute(this.seen(selection), this.pipeline, this.incidentsSeen(selection)).history,
      selection,
    )
  }

  current(selection: Selection): Shown[] {
    const shown = recomputeCurrent(this.seen(selection), this.pipeline, this.incidentsSeen(selection))
    return this.selected(shown, selection)
  }

  /** Newest first. */
  incidents({ open, ...selection }: Selection & { open?: boolean | undefined }): Shown[] {
    const { application: _, ...moment } = selection
    const shown = this.incidentsSeen(selection)
      .toSorted(newestIncidentFirst)
      .map(incident => shownIncident(incident, this.seen(moment), this.pipeline, this.facts(moment.knownAt)))
      .filter(({ resolvedAt }) => open === undefined || open === (resolvedAt === undefined))
    return this.selected(shown, selection)
  }

  drift({ knownAt, ...question }: DriftQuestion & Moment): DriftRow[] {
    const drift = this.drifts.get(knownAt) ?? new Drift(this.facts(knownAt), this.pipeline)
    this.drifts.set(knownAt, drift)
    return drift.rows(question)
  }

  changes({ asOf: moment, knownAt, ...question }: DriftQuestion & Moment): ChangesRow[] {
    return environmentChanges(asOf(this.facts(knownAt), moment), question, this.pipeline)
  }

  figures({ asOf, knownAt, ...question }: MetricsQuestion & Moment): Shown {
    if (asOf !== undefined)
      return new Metrics(
        this.seen({ ...question, asOf, knownAt }),
        this.pipeline,
        this.incidentsSeen({ asOf, knownAt }),
        this.facts(knownAt),
      ).figures(question)
    const metrics =
      this.metrics.get(knownAt) ?? new Metrics(this.facts(knownAt), this.pipeline, this.incidentsKnown(knownAt))
    this.metrics.set(knownAt, metrics)
    return metrics.figures(question)
  }

  tagPath(imageTag: string, selection: Selection): Shown[] {
    return this.selected(tagPath(this.seen(selection), imageTag, this.pipeline), selection)
  }

  commitPath(sha: string, selection: Selection): Shown[] {
    return this.selected(commitPath(this.seen(selection), sha, this.pipeline), selection)
  }

  rollbackTarget({ asOf: moment, knownAt, ...question }: ProblemQuestion & Moment): TargetDue {
    return rollbackTarget(asOf(this.facts(knownAt), moment), question, this.pipeline)
  }

  private incidentsSeen({ asOf: moment, knownAt }: Moment): Incident[] {
    const known = this.incidentsKnown(knownAt)
    return incidentsAsOf(knownAt === undefined ? known.map(incident => this.placed(incident)) : known, moment)
  }

  /** With the application and the environment of the deployment to which it belongs, whether that had started or not. */
  private placed(incident: Incident): Incident {
    const owner = ownerOf(incident, this.facts(), this.pipeline)
    if (!owner) return incident
    const { application = owner.application, environment = owner.environment } = incident
    return { ...incident, application, environment }
  }

  private seen({ application, asOf: moment, knownAt }: Selection): Deployment[] {
    const all = this.facts(knownAt)
    if (typeof application !== 'string') return asOf(all, moment)
    // What a deployment says that it undoes may be of another application: then its record says so.
    const named = new Set(
      all.flatMap(deployment => (deployment.application === application ? (deployment.rollbackOf ?? []) : [])),
    )
    return asOf(
      all.filter(deployment => deployment.application === application || named.has(deployment.id)),
      moment,
    )
  }

  private selected(shown: Shown[], { application, environment, label }: Selection): Shown[] {
    const nameOf = (name: string) => environmentName(name, this.pipeline)
    return shown.filter(
      record =>
        (application === undefined || isOneOf(record['application'] as string, application)) &&
        (environment === undefined ||
          (record['environment'] !== undefined &&
            isOneOf(nameOf(record['environment'] as string), [environment].flat().map(nameOf)))) &&
        hasLabels(record, label),
    )
  }
}

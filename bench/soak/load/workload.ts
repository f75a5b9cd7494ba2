import { v7 as uuidv7 } from 'uuid'
import { formatInstant } from '#libs/contracts'
import type { HttpAnswer } from '../../harness/load/connection.js'
import { madeUpDeployments, type SentDeployment } from '../../harness/load/deployments.js'
import { seededRandom } from '../../harness/load/seeded.js'
import { Pool } from './pool.js'
import type { Side } from './traffic.js'

/** Requests and their percentages: nine writes per read. */
const mix = { record: 50, complete: 25, correct: 10, 'roll back': 5, history: 4, current: 3, one: 3 }
type Kind = keyof typeof mix

export interface SoakRequest {
  kind: Kind
  side: Side
  tenant: string
  path: string
  /** JSON; absent for reads. */
  body?: string
  minPosition?: string
  /** The status of a success. */
  expects: number
  /** Its deployment, and the deployment's next state. */
  deployment?: Deployment
}

interface Deployment {
  tenant: string
  id: string
  pending: boolean
  position?: string
}

const path = '/api/v1/platform/deployments'
/** Share of records that are completed later. */
const PENDING = 0.6
const FAILED = 0.1

/**
 * Generates requests of pipelines and people, the same mix for the same seed. A deployment has at most one open request, so that none is
 * refused, and is changed only after it was recorded.
 */
export class Workload {
  /** Expected responses since the start. */
  readonly done: Record<Kind, number> = {
    record: 0,
    complete: 0,
    correct: 0,
    'roll back': 0,
    history: 0,
    current: 0,
    one: 0,
  }
  /** Writes without the expected response, which may be in the log or not. */
  unknown = 0
  private readonly random
  private readonly facts: Generator<SentDeployment, never>
  private readonly pending
  private readonly finished
  private latest?: Deployment

  constructor(seed: number) {
    this.random = seededRandom(seed)
    this.facts = madeUpDeployments(seed)
    this.pending = new Pool<Deployment>(this.random)
    this.finished = new Pool<Deployment>(this.random)
  }

  /** Writes with the expected response; each is one event. */
  get events(): number {
    const { record, complete, correct, 'roll back': rollBack } = this.done
    return record + complete + correct + rollBack
  }

  /** The next request; the caller passes its response to `settle`. */
  next(): SoakRequest {
    const kind = this.pickKind()
    switch (kind) {
      case 'record':
        return this.record()
      case 'complete':
        return this.change(kind, 'complete', this.pending.take(), {
          status: this.random() < FAILED ? 'FAILED' : 'DEPLOYED',
        })
      case 'correct':
        return this.change(kind, 'correct', this.finished.take(), { notes: uuidv7(), reason: 'steps were missing' })
      case 'roll back':
        return this.change(kind, 'rollback', this.finished.take(), { reason: 'errors went up' })
      case 'history':
      case 'current': {
        const { tenant, body } = this.facts.next().value
        return this.read(kind, tenant, `/${kind}?application=${body.application}`)
      }
      case 'one': {
        const { latest } = this
        if (!latest) return this.record()
        return { ...this.read(kind, latest.tenant, `/${latest.id}`), minPosition: latest.position }
      }
      default:
        return kind satisfies never
    }
  }

  /** Processes a response; `undefined` without one. Returns whether it is the expected one. */
  settle({ kind, side, expects, deployment }: SoakRequest, answer: HttpAnswer | undefined): boolean {
    if (answer?.status !== expects) {
      if (side === 'write') this.unknown += 1
      return false
    }
    this.done[kind] += 1
    if (!deployment) return true
    deployment.position = /\r\nshiplog-position: ([\d:,]+)/i.exec(answer.head)?.[1]
    this.latest = deployment
    if (deployment.pending) this.pending.put(deployment)
    else if (kind !== 'roll back') this.finished.put(deployment)
    return true
  }

  private pickKind(): Kind {
    let point = this.random() * 100
    return (Object.keys(mix) as Kind[]).find(kind => (point -= mix[kind]) < 0)!
  }

  private record(): SoakRequest {
    const { tenant, body } = this.facts.next().value
    const pending = this.random() < PENDING
    const id = uuidv7()
    const now = formatInstant(new Date())
    const { completedAt: _, ...facts } = { ...body, id, deployedAt: now }
    const said = pending ? { ...facts, status: 'PENDING' } : { ...facts, completedAt: now }
    const deployment = { tenant, id, pending }
    return { kind: 'record', side: 'write', tenant, path, body: JSON.stringify(said), expects: 201, deployment }
  }

  // Without a deployment to change, one is recorded.
  private change(kind: Kind, verb: string, known: Deployment | undefined, body: object): SoakRequest {
    if (!known) return this.record()
    const { tenant, id } = known
    const deployment = { tenant, id, pending: false }
    const request = { kind, tenant, path: `${path}/${id}/${verb}`, body: JSON.stringify(body) }
    return { ...request, side: 'write', expects: 200, deployment }
  }

  private read(kind: Kind, tenant: string, question: string): SoakRequest {
    return { kind, side: 'read', tenant, path: path + question, expects: 200 }
  }
}

import { v5 as uuidv5, v7 as uuidv7 } from 'uuid'
import type { Scope } from '#libs/auth'
import {
  compileSchema,
  type DeploymentCommand,
  type DeploymentEvent,
  formatInstant,
  hashJson,
  parseStrictJson,
  recordDeploymentSchema,
  type CommandContext,
} from '#libs/contracts'
import { deployment, type Deployment, readsOfRecording } from '#libs/domain'
import { bodyProblem, HttpProblem } from '#libs/http'
import type { CommandRequest } from '#libs/ledger'
import { deploymentsPath } from '../deployment/deployment-response.js'
import {
  deploymentTarget,
  withFreeze,
  recordDeployment,
  type RecordDeploymentBody,
} from '../deployment/deployment-commands.js'
import type { FreezeAt } from '../pipeline/freeze-cache.js'
import type { Line } from './line-splitter.js'

/** Limit of a line, in bytes. */
export const LINE_LIMIT = 1024 * 1024

/** What the lines of one import share. */
export interface ImportContext {
  context: CommandContext
  /** The request's Idempotency-Key. */
  key?: string
  freezeAt: FreezeAt
  /** Throws a 403 unless the principal may record in this environment and application. */
  authorize(scope: Scope): void
  /** Keeps the lines in order, see CommandRequest. */
  sequence: object
}

export type ImportRequest = CommandRequest<Deployment, DeploymentCommand, DeploymentEvent>

/** A valid line. */
export interface ReadLine {
  application: string
  request: ImportRequest
}

// Namespace of ids that are derived from a line's content. It must never change: it makes importing a file again idempotent.
const CONTENT_NAMESPACE = 'f3b0f2f1-5f0e-5d6e-8f5b-2a9c1a3b7c01'

const validate = compileSchema(recordDeploymentSchema)

/** Reads a line as a command. Throws an HttpProblem for an invalid line. */
export function readLine(
  { number, bytes }: Line,
  { context, key, sequence, freezeAt, authorize }: ImportContext,
  received: Date,
): ReadLine {
  if (bytes === undefined) throw new HttpProblem(413, 'The line is longer than 1 MiB, the limit: shorten it.')
  const parsed = parseStrictJson(bytes)
  if ('finding' in parsed) throw lineProblem([parsed.finding])
  const findings = validate(parsed.value)
  if (findings.length > 0) throw lineProblem(findings)
  const body = parsed.value as RecordDeploymentBody
  const bodyHash = hashJson(body)
  const id = idOf(body, bodyHash, context.tenant, key)
  const { tenant, actor } = context
  const receipt = { tenant, now: formatInstant(received), ...(actor !== undefined && { actor }) }
  const command = withFreeze(recordDeployment(id, body, receipt), freezeAt)
  const { environment, application } = command.facts
  authorize({ environment, application })
  return {
    application,
    request: {
      decider: deployment,
      target: { ...deploymentTarget(tenant, command), reads: readsOfRecording(command) },
      context,
      bodyHash,
      creates: true,
      idOfContent: body.id === undefined,
      sequence,
      ...(key !== undefined && { idempotency: { scope: `POST ${deploymentsPath}/import`, key: `${key}:${number}` } }),
    },
  }
}

/**
 * The id of the deployment. Without an id in the line: under an Idempotency-Key, the key and the line number identify it; else a line
 * with `deployedAt` is identified by its content, so that a file can be sent again; else it is a new deployment each time.
 */
function idOf(body: RecordDeploymentBody, bodyHash: string, tenant: string, key: string | undefined): string {
  if (body.id !== undefined) return body.id.toLowerCase()
  if (key !== undefined || body.deployedAt === undefined) return uuidv7()
  return uuidv5(`${tenant}/${bodyHash}`, CONTENT_NAMESPACE)
}

function lineProblem(findings: { pointer: string; detail: string }[]): HttpProblem {
  const { detail, errors } = bodyProblem(findings)
  return new HttpProblem(400, detail.replace('The body', 'The line').replace('the body', 'the line'), {
    ...(errors && { errors }),
  })
}

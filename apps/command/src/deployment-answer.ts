import type { FastifyReply } from 'fastify'
import { type DeploymentRecord, durationSeconds, formatPositions, type Positions } from '#libs/contracts'
import type { Deployment } from '#libs/domain'
import { failpoint } from '#libs/failpoint'
import { rejectionProblem, setPositions } from '#libs/http'
import type { Answer, Outcome } from '#libs/ledger'
import { commandUrl } from './command-answer.js'

export const deploymentsPath = '/api/v1/platform/deployments'

/** The record as every answer shows it; without `active`, which is the read models' to say. */
function presentDeployment(answer: Answer<Deployment>, positions: Positions | undefined): object {
  const record = recordOf(answer)
  const { id, application, environment, imageTag, image, gitCommit, gitBranch, status, deployedAt, completedAt } =
    record
  // In the documented order; JSON leaves out what is undefined.
  return {
    id,
    application,
    environment,
    imageTag,
    image,
    gitCommit,
    gitBranch,
    status,
    deployedAt,
    completedAt,
    durationSeconds: durationSeconds(record),
    rolledBackAt: record.rolledBackAt,
    rollbackReason: record.rollbackReason,
    rollbackOf: record.rollbackOf,
    rollbackDetected: record.rollbackOf === undefined ? undefined : 'reported',
    failureReason: record.failureReason,
    actor: record.actor,
    pipeline: record.pipeline,
    commits: record.commits,
    notes: record.notes,
    migrations: record.migrations,
    unplanned: record.unplanned,
    labels: record.labels,
    duringFreeze: record.duringFreeze,
    recordedAt: answer.recordedAt,
    position: positions && formatPositions(positions),
    version: answer.streamVersion,
  }
}

/** The record in a ledger's answer; there is none only where nothing was recorded, which no answer comes from. */
export function recordOf({ state }: Answer<Deployment>): DeploymentRecord {
  if (state.state === 'recorded') return state.record
  throw new Error('an answer without a recorded deployment')
}

/**
 * Answers a command: 201 for what it created, else 200; 202 with the command's URL where Kafka is away. Throws the
 * problem of a refusal.
 */
export function answerOutcome(reply: FastifyReply, outcome: Outcome<Deployment>, { creates = false } = {}): object {
  failpoint('answer-before')
  switch (outcome.kind) {
    case 'refused':
      throw rejectionProblem(outcome.rejection)
    case 'accepted': {
      const url = commandUrl(outcome.commandId)
      reply.code(202).header('Location', url)
      return { id: outcome.commandId, status: 'accepted', url, deploymentId: recordOf(outcome.answer).id }
    }
    case 'appended':
    case 'repeated':
      reply.code(creates && outcome.kind === 'appended' ? 201 : 200)
      if (creates) reply.header('Location', `${deploymentsPath}/${recordOf(outcome.answer).id}`)
      setPositions(reply, outcome.positions)
      return presentDeployment(outcome.answer, outcome.positions)
    default:
      return outcome satisfies never
  }
}

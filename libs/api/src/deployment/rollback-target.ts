import { named } from '#libs/contracts'
import { arrayOf, described, enumOf, response, string } from '../schema/parts.js'
import { deploymentExamples, deploymentSchema, type DeploymentResponse } from './deployment.js'

const passedOver = named(
  'PassedOverDeployment',
  response({ deployment: deploymentSchema, reason: string('Why it is not the target.') }, ['deployment', 'reason']),
)
const safetyCheck = named(
  'SafetyCheck',
  response(
    {
      name: enumOf(['record', 'image', 'notes', 'migrations', 'backwardCompatibility'], 'Name of the check.'),
      result: enumOf(
        ['pass', 'warn', 'fail', 'unknown'],
        '`fail`: the rollback would break something; `warn`: review first; `unknown`: not enough information.',
      ),
      detail: string('Explanation of the result.'),
    },
    ['name', 'result', 'detail'],
  ),
)

/** What a deployment can be rolled back to, and whether that is safe. */
export const rollbackTargetSchema = named(
  'RollbackTarget',
  response(
    {
      problem: described(deploymentSchema, 'The deployment to roll back.'),
      target: described(deploymentSchema, 'The deployment to roll back to.'),
      passedOver: arrayOf(
        passedOver,
        'Candidates between `problem` and `target` and why each was skipped, newest first.',
      ),
      checks: arrayOf(safetyCheck, 'Safety checks of the rollback.'),
    },
    ['problem', 'target', 'passedOver', 'checks'],
  ),
)

/** Result of a safety check. */
export interface SafetyCheck {
  name: (typeof safetyCheck)['properties']['name']['enum'][number]
  result: (typeof safetyCheck)['properties']['result']['enum'][number]
  detail: string
}
export interface PassedOver {
  deployment: DeploymentResponse
  reason: string
}
export interface RollbackTarget {
  problem: DeploymentResponse
  target: DeploymentResponse
  passedOver: PassedOver[]
  checks: SafetyCheck[]
}

const { older, newer, failed } = deploymentExamples

export const rollbackTargetExample: RollbackTarget = {
  problem: newer,
  target: older,
  passedOver: [{ deployment: failed, reason: 'It FAILED.' }],
  checks: [
    {
      name: 'record',
      result: 'pass',
      detail: `v2.0.0-def5678 is on record as deployment ${older.id}, deployed at 2026-02-11T14:00:00Z.`,
    },
    { name: 'image', result: 'unknown', detail: 'No registry is configured (SHIPLOG_REGISTRY_URL).' },
    { name: 'notes', result: 'warn', detail: `Review the notes of v2.1.0-abc1234 (${newer.id}).` },
    {
      name: 'migrations',
      result: 'pass',
      detail: 'All migrations are backward compatible: none needs to be reversed.',
    },
    {
      name: 'backwardCompatibility',
      result: 'pass',
      detail: 'No migration that would stay is known to break the older version.',
    },
  ],
}

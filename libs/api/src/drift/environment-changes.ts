import { named } from '#libs/contracts'
import type { FromSchema } from 'json-schema-to-ts'
import { arrayOf, instant, integer, response, string, typed, uuid } from '../schema/parts.js'

const seconds = (description: string) => typed('number', description)

const waitingTag = named(
  'WaitingTag',
  response(
    {
      imageTag: string('The tag.'),
      deploymentId: uuid('Id of the first deployment of the tag in the source that the target lacks.'),
      deployedAt: instant('Start of that deployment.'),
      waitingSeconds: seconds('Seconds since the tag became active in the source, until `asOf`, else now.'),
      commits: integer('Number of commits that first reached the source with the tag and have not reached the target.'),
    },
    ['imageTag', 'deploymentId', 'deployedAt', 'waitingSeconds', 'commits'],
  ),
)
const waitingCommit = named(
  'WaitingCommit',
  response(
    {
      sha: string('Hash of the commit.'),
      committedAt: instant('Time of the commit.'),
      author: string('Author of the commit.'),
      firstDeployedAt: instant('Start of the first success in the source with the commit.'),
    },
    ['sha', 'committedAt', 'firstDeployedAt'],
  ),
)

/** What an application has in one environment and lacks in another. */
export const environmentChangesSchema = named(
  'EnvironmentChanges',
  response(
    {
      application: string('Name of the application.'),
      source: string('Name of the source environment in the pipeline.'),
      target: string('Name of the target environment in the pipeline.'),
      aheadBy: integer('Number of all tags that the target lacks.'),
      ahead: arrayOf(waitingTag, 'The tags that the target lacks, newest first: at most 100.'),
      commitCount: integer('Number of all commits that the target lacks.'),
      commits: arrayOf(waitingCommit, 'The commits that the target lacks, latest first: at most 500.'),
      oldestWaitingSeconds: seconds('Greatest `waitingSeconds` of all tags; absent if the target lacks none.'),
    },
    ['application', 'source', 'target', 'aheadBy', 'ahead', 'commitCount', 'commits'],
  ),
)
export const environmentChangesListSchema = arrayOf(environmentChangesSchema, 'A page of applications, sorted by name.')
export type EnvironmentChanges = FromSchema<typeof environmentChangesSchema>
export type WaitingCommit = EnvironmentChanges['commits'][number]

export const environmentChangesExample: EnvironmentChanges = {
  application: 'checkout',
  source: 'staging',
  target: 'production',
  aheadBy: 1,
  ahead: [
    {
      imageTag: 'v2.1.0-abc1234',
      deploymentId: '0198c0de-0000-7000-8000-000000000002',
      deployedAt: '2026-02-12T10:00:00Z',
      waitingSeconds: 86_400,
      commits: 1,
    },
  ],
  commitCount: 1,
  commits: [
    {
      sha: 'abc1234',
      committedAt: '2026-02-12T08:05:00Z',
      author: 'ann@acme.example',
      firstDeployedAt: '2026-02-12T10:00:00Z',
    },
  ],
  oldestWaitingSeconds: 86_400,
}

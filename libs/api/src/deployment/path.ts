import { named } from '#libs/contracts'
import type { FromSchema } from 'json-schema-to-ts'
import { arrayOf, instant, response, string, typed, uuid } from '../schema/parts.js'

const head = {
  application: string('Name of the application.'),
  environment: string('Name of the environment in the pipeline.'),
  deploymentId: uuid('Id of the first success in the environment.'),
}
const tail = {
  from: string('Nearest earlier environment of the pipeline that had it by then; absent if none had.'),
  secondsAfterPrevious: typed('number', 'Seconds since it reached `from`.'),
  active: typed('boolean', 'Whether a deployment of it is active in the environment.'),
}
const start = instant('Start of that deployment.')

const tagArrivalSchema = named(
  'TagArrival',
  response({ ...head, firstDeployedAt: start, ...tail }, [
    'application',
    'environment',
    'deploymentId',
    'firstDeployedAt',
    'active',
  ]),
)
export const tagPathSchema = arrayOf(tagArrivalSchema, 'A page of the environments that the tag reached.')

const commitArrivalSchema = named(
  'CommitArrival',
  response(
    {
      ...head,
      imageTag: string('Tag of that deployment.'),
      deployedAt: start,
      completedAt: instant('Finish of that deployment.'),
      committedAt: instant('Time of the commit, if a deployment reported it.'),
      leadTimeSeconds: typed('number', 'Seconds from the commit to the finish of that deployment.'),
      ...tail,
    },
    ['application', 'environment', 'deploymentId', 'imageTag', 'deployedAt', 'active'],
  ),
)
export const commitPathSchema = arrayOf(commitArrivalSchema, 'A page of the environments that the commit reached.')

const checkout = { application: 'checkout', deploymentId: '0198c0de-0000-7000-8000-000000000001' }
const second = { application: 'checkout', deploymentId: '0198c0de-0000-7000-8000-000000000002' }

/** Examples of responses. */
export const pathExamples = {
  tag: [
    { ...checkout, environment: 'staging', firstDeployedAt: '2026-02-11T14:00:00Z', active: false },
    {
      ...second,
      environment: 'production',
      firstDeployedAt: '2026-02-12T10:00:00Z',
      from: 'staging',
      secondsAfterPrevious: 72_000,
      active: true,
    },
  ] satisfies FromSchema<typeof tagPathSchema>,
  commit: [
    {
      ...second,
      environment: 'production',
      imageTag: 'v2.1.0-abc1234',
      deployedAt: '2026-02-12T10:00:00Z',
      completedAt: '2026-02-12T10:05:00Z',
      committedAt: '2026-02-12T08:05:00Z',
      leadTimeSeconds: 7200,
      active: true,
    },
  ] satisfies FromSchema<typeof commitPathSchema>,
}

import { unavailable } from './deployment-documentation.js'

const checkout = { application: 'checkout', deploymentId: '0198c0de-0000-7000-8000-000000000001' }
const second = { application: 'checkout', deploymentId: '0198c0de-0000-7000-8000-000000000002' }

/** Answers as they look. */
export const examples = {
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
  ],
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
  ],
}

/** Why each call is refused. */
export const problems = {
  tag: { 404: 'No deployment carries that tag.', 503: unavailable },
  commit: { 404: 'No deployment brought that commit.', 503: unavailable },
}

const instant = (description: string) => ({ type: 'string', format: 'instant', description })

const head = {
  application: { type: 'string' },
  environment: { type: 'string', description: 'As the pipeline calls it.' },
  deploymentId: { type: 'string', format: 'uuid', description: 'The first success there.' },
}
const tail = {
  from: { type: 'string', description: 'The nearest earlier environment of the pipeline where it had been by then.' },
  secondsAfterPrevious: { type: 'number', description: 'How long after it had been there.' },
  active: { type: 'boolean', description: 'Whether the tag runs there now, by that deployment or another one.' },
}
const arrivals = (required: string[], members: object) => ({
  type: 'array',
  items: {
    type: 'object',
    required: [...Object.keys(head), ...required, 'active'],
    properties: { ...head, ...members, ...tail },
  },
})

/** What the answers consist of. */
export const schemas = {
  tag: arrivals(['firstDeployedAt'], { firstDeployedAt: instant('When that one started.') }),
  commit: arrivals(['imageTag', 'deployedAt'], {
    imageTag: { type: 'string' },
    deployedAt: instant('When it started.'),
    completedAt: instant('When it was there.'),
    committedAt: instant('When it was committed, where a deployment says so.'),
    leadTimeSeconds: { type: 'number', description: 'From the commit to the finish of that deployment.' },
  }),
}

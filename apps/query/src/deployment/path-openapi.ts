const checkout = { application: 'checkout', deploymentId: '0198c0de-0000-7000-8000-000000000001' }
const second = { application: 'checkout', deploymentId: '0198c0de-0000-7000-8000-000000000002' }

/** Example responses. */
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

/** Problems by operation. */
export const problems = {
  tag: { 404: 'No deployment has this tag.' },
  commit: { 404: 'No deployment contains this commit.' },
}

const instant = (description: string) => ({ type: 'string', format: 'instant', description })

const head = {
  application: { type: 'string' },
  environment: { type: 'string', description: 'Name of the environment in the pipeline.' },
  deploymentId: { type: 'string', format: 'uuid', description: 'Id of the first success in the environment.' },
}
const tail = {
  from: {
    type: 'string',
    description: 'Nearest earlier environment of the pipeline that had it by then; absent if none had.',
  },
  secondsAfterPrevious: { type: 'number', description: 'Seconds since it reached `from`.' },
  active: { type: 'boolean', description: 'Whether a deployment of the tag is active in the environment.' },
}
const arrivals = (required: string[], members: object) => ({
  type: 'array',
  items: {
    type: 'object',
    required: [...Object.keys(head), ...required, 'active'],
    properties: { ...head, ...members, ...tail },
  },
})

/** Schemas of the responses. */
export const schemas = {
  tag: arrivals(['firstDeployedAt'], { firstDeployedAt: instant('Start of that deployment.') }),
  commit: arrivals(['imageTag', 'deployedAt'], {
    imageTag: { type: 'string' },
    deployedAt: instant('Start of that deployment.'),
    completedAt: instant('Finish of that deployment.'),
    committedAt: instant('Time of the commit, if a deployment reported it.'),
    leadTimeSeconds: { type: 'number', description: 'Seconds from the commit to the finish of that deployment.' },
  }),
}

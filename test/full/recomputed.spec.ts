import type { Deployment } from '../independent/deployments/deployments.js'
import { Drift } from '../independent/answers/drift.js'
import { Metrics } from '../independent/answers/metrics.js'
import { recompute } from '../independent/answers/reducer.js'
import { describeDeployments, realDeployments } from './dataset.js'
import { asInFile } from '../api/imported/imported.js'
import { realPipeline } from '../api/imported/pipeline.js'

// The recomputation, with which all responses are compared, must itself give the known results for the real data.

describeDeployments('the recomputation of the real data', () => {
  let deployments: Deployment[]

  beforeAll(() => {
    deployments = asInFile(realDeployments())
  })

  it('1,103 rollbacks are inferred', () => {
    expect(recompute(deployments, realPipeline).inferred).toEqual({ integration: 716, staging: 214, production: 173 })
  })

  it('11 of 71 applications differ between staging and production at the end', () => {
    const rows = new Drift(deployments, realPipeline).rows({ source: 'staging', target: 'production' })
    const differing = rows.filter(({ state }) => state !== 'same')
    expect([rows.length, differing.length]).toEqual([71, 11])
    const since = ({ since }: Record<string, unknown>) => Date.parse(since as string)
    const [longest] = differing.toSorted((a, b) => since(a) - since(b))
    expect(longest).toMatchObject({ application: 'draft-router', state: 'onlyInSource' })
    const end = Date.parse(deployments.at(-1)!.deployedAt)
    expect((end - since(longest!)) / 86_400_000).toBeCloseTo(994.3, 1)
  })

  it('production has 21,154 deployments and recovered from each of 173 failures', () => {
    const figures = new Metrics(deployments, realPipeline).figures({
      environment: 'production',
      from: '2022-10-01T00:00:00Z',
      to: '2025-07-01T00:00:00Z',
    })
    expect(figures).toMatchObject({
      deployments: 21_154,
      deploymentFrequency: { count: 21_154 },
      changeFailRate: { rate: expect.closeTo(0.008178, 6), failed: 0, rolledBackReported: 0, rolledBackInferred: 173 },
      failedDeploymentRecoveryTime: { medianSeconds: 8411, recovered: 173, open: 0 },
      promotionLeadTime: { medianSeconds: 509, p95Seconds: expect.closeTo(1362.6, 6), tags: 20_678 },
    })
  })
})

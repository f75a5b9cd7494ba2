import { testImport } from '../api/imported/import-suite.js'
import { deploymentsPath } from '../kit/index.js'
import { describeDeployments, realDeployments } from './dataset.js'

describeDeployments('the real deployments', () => {
  const imported = testImport(realDeployments())

  describe('known results', () => {
    it('1,103 rollbacks are inferred', () => {
      expect(imported().expected.inferred).toEqual({ integration: 716, staging: 214, production: 173 })
    })

    it('11 of 71 applications differ between staging and production', async () => {
      const { json } = await imported()
        .service.http.as('gov')
        .get(`${deploymentsPath}/drift?source=staging&target=production&limit=500`)
      const rows = json.applications as Record<string, unknown>[]
      const differing = rows.filter(({ state }) => state !== 'same')
      expect([rows.length, differing.length]).toEqual([71, 11])
      const [longest] = differing.toSorted((a, b) => Number(b['ageSeconds']) - Number(a['ageSeconds']))
      expect(longest).toMatchObject({ application: 'draft-router', state: 'onlyInSource' })
    })

    it('production has 21,154 deployments and recovered from each of 173 failures', async () => {
      const window = 'from=2022-10-01T00:00:00Z&to=2025-07-01T00:00:00Z&bucket=month'
      const { json } = await imported().service.http.as('gov').get(`${deploymentsPath}/metrics?${window}`)
      expect(json).toMatchObject({
        environment: 'production',
        deployments: 21_154,
        changeFailRate: { rate: expect.closeTo(0.008178, 6), rolledBackInferred: 173 },
        failedDeploymentRecoveryTime: { medianSeconds: 8411, recovered: 173, open: 0 },
        promotionLeadTime: { medianSeconds: 509, p95Seconds: expect.closeTo(1362.6, 6), tags: 20_678 },
      })
    })
  })
})

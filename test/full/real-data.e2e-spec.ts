import { testImport } from '../api/imported/import-suite.js'
import type { ImportLine } from '../api/imported/generated.js'
import { deploymentsPath, random } from '../kit/index.js'
import { describeDeployments, realDeployments } from './dataset.js'

/** The tags that staging had after it last had the one of production; by the lines of the file, the last one of each second. */
function tagsAhead(lines: ImportLine[], application: string, asOf: string): Set<string> {
  const [staging, production] = ['staging', 'production'].map(environment => {
    const bySecond = new Map<string, string>()
    for (const line of lines) {
      if (line.application !== application || line.environment !== environment || line.deployedAt > asOf) continue
      bySecond.set(line.deployedAt, line.imageTag)
    }
    return [...bySecond].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, imageTag]) => imageTag)
  }) as [string[], string[]]
  const [present, other] = [staging.at(-1), production.at(-1)]
  if (present === undefined || present === other) return new Set()
  const last = other === undefined ? -1 : staging.lastIndexOf(other)
  if (last >= 0) return new Set(staging.slice(last + 1))
  return new Set(production.includes(present) ? [] : [present])
}

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

    it('what staging has and production lacks is what the history of tags says, at 20 random moments', async () => {
      const lines = realDeployments()
      const next = random(20)
      const oneOf = <T>(items: readonly T[]) => items[Math.floor(next() * items.length)]!
      const applications = [...new Set(lines.map(({ application }) => application))]
      let ahead = 0
      for (let n = 0; n < 20; n++) {
        const [application, asOf] = [oneOf(applications), oneOf(lines).deployedAt]
        const tags = tagsAhead(lines, application, asOf)
        const path = `changes?source=staging&target=production&application=${application}&asOf=${asOf}`
        const { json } = await imported().service.http.as('gov').get(`${deploymentsPath}/${path}`)
        const answered = (json.ahead as { imageTag: string }[]).map(({ imageTag }) => imageTag)
        expect([application, asOf, answered.toSorted()]).toEqual([application, asOf, [...tags].toSorted()])
        ahead += tags.size
      }
      expect(ahead).toBeGreaterThan(0)
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

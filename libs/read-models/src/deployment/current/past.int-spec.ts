import fc from 'fast-check'
import { deployment, inOrderOfArrival, minute, tellAll } from '#test/specs/read-models/any-deployments'
import { GivenLog } from '#test/specs/read-models/given-log'
import { runs } from '#test/kit'
import { currentPage, findDeployment, historyPage, tagPath, type AsOf } from '../../index.js'

let log: GivenLog
let run = 0

beforeAll(async () => {
  log = await GivenLog.start()
})
afterAll(() => log.end())

test('reads with asOf alone return the same bytes as the recomputation with asOf and a late knownAt', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(deployment, { minLength: 1, maxLength: 40, size: 'max' }),
      fc.array(fc.nat(24), { minLength: 1, maxLength: 4 }),
      fc.record(
        { application: fc.constantFrom('checkout', 'search'), environment: fc.constantFrom('prod', 'dev', 'qa') },
        { requiredKeys: [] },
      ),
      fc.integer({ min: 1, max: 7 }),
      async (generated, instants, filters, limit) => {
        // given: deployments of one day, none of them recorded later
        run += 1
        const finals = tellAll(generated, `run${run}`)
        await log.given(...inOrderOfArrival(finals))
        const { tenant, id, imageTag } = finals[0]!
        const answers = async (moment: AsOf) => [
          await everyPage(cursor => currentPage(log.query, { tenant, filters, moment, limit, cursor })),
          await everyPage(cursor => historyPage(log.query, { tenant, filters, moment, limit, cursor })),
          (await findDeployment(log.query, tenant, id, moment)).body,
          (await tagPath(log.query, { tenant, imageTag, moment, limit: 500 })).body?.json,
        ]
        for (const asOf of instants.map(minute)) {
          // then: the same bytes, whether stored or recomputed
          expect(await answers({ asOf })).toEqual(await answers({ asOf, knownAt: '2026-02-13T10:00:00Z' }))
        }
      },
    ),
    { numRuns: runs(40) },
  )
}, 120_000)

async function everyPage(
  read: (cursor?: string) => Promise<{ body: { json: string; next?: string } }>,
): Promise<string[]> {
  const pages: string[] = []
  let cursor: string | undefined
  do {
    const { body } = await read(cursor)
    pages.push(body.json)
    cursor = body.next
  } while (cursor !== undefined)
  return pages
}

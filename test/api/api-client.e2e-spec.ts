import { ApiProblem, confirmed, createApiClient, dataOf, items, reflecting } from '#libs/api-client'
import { type Service, startService } from '#test/kit'

let service: Service

beforeAll(async () => {
  service = await startService('standalone')
})
afterAll(() => service.end())

const clientOf = (tenant: string) =>
  createApiClient({ url: service.app.url, headers: { 'X-Tenant-ID': tenant, 'X-User-ID': 'ann' } })

const promotion = {
  sourceEnvironment: 'staging',
  targetEnvironment: 'production',
  promotionType: 'PATTERN' as const,
  keyPatterns: ['query.*'],
}

describe('the generated client', () => {
  it('creates a promotion and reads its time of creation', async () => {
    const client = clientOf('client-promotion')
    const result = await client.POST('/api/v1/config/promotions', { body: promotion })
    expect(result.response.status).toBe(201)
    const created = confirmed(result)
    expect(Date.now() - Date.parse(created.createdAt)).toBeLessThan(60_000)
    expect(created.createdBy).toEqual({ userId: 'ann' })
    const read = await client.GET('/api/v1/config/promotions/{id}', {
      params: { path: { id: created.id }, header: reflecting(result.response) },
    })
    expect(dataOf(read)).toEqual(created)
  })

  it('reads all pages of a list', async () => {
    const client = clientOf('client-pages')
    const created = []
    for (const keyPattern of ['a', 'b', 'c']) {
      const result = await client.POST('/api/v1/config/promotions', {
        body: { ...promotion, keyPatterns: [keyPattern] },
      })
      created.push({ id: confirmed(result).id, response: result.response })
    }
    const header = reflecting(...created.map(({ response }) => response))
    const ids: string[] = []
    const pages: (string | undefined)[] = []
    const list = items(cursor => {
      pages.push(cursor)
      return client.GET('/api/v1/config/promotions', { params: { query: { limit: 2, cursor }, header } })
    })
    for await (const { id } of list) ids.push(id)
    expect(ids).toEqual(created.map(({ id }) => id).toReversed())
    expect(pages).toEqual([undefined, expect.any(String)])
  })

  it('throws a problem as a typed error', async () => {
    const client = clientOf('client-problem')
    const id = '0198c0de-0000-7000-8000-0000000000ff'
    const error = await client
      .GET('/api/v1/config/promotions/{id}', { params: { path: { id } } })
      .catch(thrown => thrown)
    expect(error).toBeInstanceOf(ApiProblem)
    expect((error as ApiProblem).problem).toMatchObject({ status: 404, title: 'Not found', detail: expect.any(String) })
  })
})

import { randomUUID } from 'node:crypto'
import { currentPage, findDeployment, historyPage, type HistoryFilters, type AsOf } from '#libs/read-models'
import { recorded, type GivenLog } from './given-log.js'

export type Json = Record<string, unknown>

/** A moment of the day on which all examples happen. */
export const at = (time: string): string => `2026-02-12T${time}Z`

export const tagsOf = (records: Json[]): unknown[] => records.map(({ imageTag }) => imageTag)

/** A tenant that nobody else uses: what happens to it, and what it can ask. */
export class Tenant {
  readonly name = `tenant-${randomUUID().slice(0, 8)}`

  constructor(private readonly log: GivenLog) {}

  /** A deployment of this tenant that was recorded. */
  recorded(facts: Parameters<typeof recorded>[0] = {}): ReturnType<typeof recorded> {
    return recorded({ tenant: this.name, ...facts })
  }

  /** All pages: records of many megabytes are on several. */
  async history(filters: HistoryFilters = {}, moment?: AsOf): Promise<Json[]> {
    const records: Json[] = []
    let cursor: string | undefined
    do {
      const request = { tenant: this.name, filters, moment, limit: 500, cursor }
      const { body } = await historyPage(this.log.query, request)
      records.push(...(JSON.parse(body.json) as Json[]))
      cursor = body.next
    } while (cursor !== undefined)
    return records
  }

  async current(filters: { application?: string; environment?: string } = {}, moment?: AsOf): Promise<Json[]> {
    const { body } = await currentPage(this.log.query, { tenant: this.name, filters, moment, limit: 500 })
    return JSON.parse(body.json) as Json[]
  }

  /** One record; `undefined` where it was not to be seen. */
  async find(id: string, moment?: AsOf): Promise<Json | undefined> {
    const { body } = await findDeployment(this.log.query, this.name, id, moment)
    return body === undefined ? undefined : (JSON.parse(body) as Json)
  }
}

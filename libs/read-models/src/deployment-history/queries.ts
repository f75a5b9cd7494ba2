import { positionsSql, type Answer, type JsonText } from '../answer.js'
import { environmentNameSql } from '../promotion-rules/environment.js'
import type { Query } from '../query.js'
import { recordJoins, recordJson } from './record.js'

const ONE = `
  SELECT (
    SELECT ${recordJson} FROM deployment_history h ${recordJoins}
    WHERE h.tenant = $1 AND h.deployment_id = $2
  ) AS json, ${positionsSql('deployments')} AS positions`

/** One record; `undefined` where the tenant has no deployment of that id (a UUID). */
export async function findDeployment(query: Query, tenant: string, id: string): Promise<Answer<JsonText | undefined>> {
  const [row] = await query<{ json: string | null; positions: string }>({
    name: 'deployment',
    text: ONE,
    values: [tenant, id],
  })
  return { body: row!.json ?? undefined, positions: row!.positions }
}

export interface TaggedSelection {
  tenant: string
  imageTag: string
  application?: string
  environment?: string
}

export interface TagExistence {
  imageTag: string
  exists: boolean
  /** How many records carry the tag. */
  deployments: number
}

/** Whether, and how often, a tag was recorded; also where it never was. */
export async function tagExistence(
  query: Query,
  { tenant, imageTag, application, environment }: TaggedSelection,
): Promise<Answer<TagExistence>> {
  const values: unknown[] = [tenant, imageTag]
  const bind = (value: unknown) => `$${values.push(value)}`
  const narrow = (column: string, sql: string | undefined) => (sql === undefined ? '' : `AND h.${column} = ${sql}`)
  const text = `
    SELECT (
      SELECT count(*)::int FROM deployment_history h
      WHERE h.tenant = $1 AND h.image_tag = $2 ${narrow('application', application && bind(application))}
        ${narrow('environment_name', environment && environmentNameSql('$1', bind(environment)))}
    ) AS deployments, ${positionsSql('deployments')} AS positions`
  const [row] = await query<{ deployments: number; positions: string }>({ text, values })
  const { deployments, positions } = row!
  return { body: { imageTag, exists: deployments > 0, deployments }, positions }
}

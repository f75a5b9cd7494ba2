import { positionsSql, type QueryResult, type JsonText } from '../../sql/query-result.js'
import { kindOf, isHistorical, type AsOf } from '../../sql/as-of.js'
import { environmentNameSql } from '../../pipeline/environment.js'
import type { Query } from '#libs/postgres'
import { recordsAt } from '../record/record.js'

/** One record, optionally as of a time; `undefined` if the tenant has none with this id (a UUID) that is visible. */
export async function findDeployment(
  query: Query,
  tenant: string,
  id: string,
  moment: AsOf = {},
): Promise<QueryResult<JsonText | undefined>> {
  const values: unknown[] = [tenant, id]
  const { seen: visible, joins, json } = recordsAt(moment, value => `$${values.push(value)}`)
  const text = `
    SELECT (
      SELECT ${json} FROM ${visible} h ${joins} WHERE h.tenant = $1 AND h.deployment_id = $2
    ) AS json, ${positionsSql('deployments')} AS positions`
  const name = `deployment ${kindOf(moment)}`
  const [row] = await query<{ json: string | null; positions: string }>({
    name,
    ...(!isHistorical(moment) && { plan: 'once' }),
    text,
    values,
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
  /** Number of records with the tag. */
  deployments: number
}

/** Whether and how often a tag was recorded. */
export async function tagExistence(
  query: Query,
  { tenant, imageTag, application, environment }: TaggedSelection,
): Promise<QueryResult<TagExistence>> {
  const values: unknown[] = [tenant, imageTag]
  const bind = (value: unknown) => `$${values.push(value)}`
  const filter = (column: string, sql: string | undefined) => (sql === undefined ? '' : `AND h.${column} = ${sql}`)
  const text = `
    SELECT (
      SELECT count(*)::int FROM deployment_history h
      WHERE h.tenant = $1 AND h.image_tag = $2 ${filter('application', application && bind(application))}
        ${filter('environment_name', environment && environmentNameSql('$1', environment, bind))}
    ) AS deployments, ${positionsSql('deployments')} AS positions`
  const [row] = await query<{ deployments: number; positions: string }>({ name: 'tag exists', text, values })
  const { deployments, positions } = row!
  return { body: { imageTag, exists: deployments > 0, deployments }, positions }
}

import type { TagExistence } from '#libs/api'
import { positionsSql, type QueryResult, type JsonText } from '../../sql/query-result.js'
import { isHistorical, nameAsOf, timesOf, type AsOf } from '../../sql/as-of.js'
import { environmentKeyOf, environmentNameSql } from '../../pipeline/environment.js'
import { statement, type Query } from '#libs/postgres'
import { recordsAt } from '../presented/record.js'

/**
 * One record, optionally as of a time; `undefined` if the tenant has none with this id (a UUID) that is visible. A voided one is visible, with
 * `voidedAt`, but at no `asOf`.
 */
export async function findDeployment(
  query: Query,
  tenant: string,
  id: string,
  moment: AsOf = {},
): Promise<QueryResult<JsonText | undefined>> {
  const { visible, joins, json, withVoided } = recordsAt(moment)
  const shown = moment.asOf === undefined ? withVoided : { visible, json }
  const text = `
    SELECT (
      SELECT ${shown.json} FROM ${shown.visible} h ${joins} WHERE h.tenant = $tenant AND h.deployment_id = $id
    ) AS json, ${positionsSql('deployments')} AS positions`
  const values = { tenant, id, ...timesOf(moment) }
  const [row] = await query<{ json: string | null; positions: string }>(
    statement(nameAsOf('deployment', moment), text, values, isHistorical(moment) ? {} : { plan: 'once' }),
  )
  return { body: row!.json ?? undefined, positions: row!.positions }
}

export interface TaggedSelection {
  tenant: string
  imageTag: string
  application?: string
  environment?: string
}

/** Whether and how often a tag was recorded. */
export async function tagExistence(
  query: Query,
  { tenant, imageTag, application, environment }: TaggedSelection,
): Promise<QueryResult<TagExistence>> {
  const text = `
    SELECT (
      SELECT count(*)::int FROM deployment_history h
      WHERE h.tenant = $tenant AND h.image_tag = $imageTag ${application ? 'AND h.application = $application' : ''}
        ${environment ? `AND h.environment_name = ${environmentNameSql('$environment')}` : ''}
    ) AS deployments, ${positionsSql('deployments')} AS positions`
  const values = {
    tenant,
    imageTag,
    application: application || undefined,
    environment: environmentKeyOf(environment || undefined),
  }
  const [row] = await query<{ deployments: number; positions: string }>(statement('existence of a tag', text, values))
  const { deployments, positions } = row!
  return { body: { imageTag, exists: deployments > 0, deployments }, positions }
}

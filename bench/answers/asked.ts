import type pg from 'pg'
import { year } from './made-up-year.js'

/** The queried data of the largest tenant, and its size. */
export interface Asked {
  /** Some applications with their active deployments in production, both busy and idle ones. */
  running: { application: string; imageTag: string }[]
  /** Number of applications and environments with an active deployment. */
  places: number
  /** Number of applications with an active deployment in staging or production. */
  compared: number
  /** Number of applications with an active deployment in any environment. */
  applications: number
}

/** @param count maximum number of applications */
export async function findAsked(sql: pg.Client, count: number): Promise<Asked> {
  const { rows: running } = await sql.query<Asked['running'][number]>(RUNNING, [year.tenant, year.target, count])
  const { rows } = await sql.query<Omit<Asked, 'running'>>(COUNT, [year.tenant, [year.source, year.target]])
  return { running, ...rows[0]! }
}

const RUNNING = `
  SELECT c.application, h.image_tag AS "imageTag"
  FROM deployment_current c JOIN deployment_history h ON h.tenant = c.tenant AND h.deployment_id = c.deployment_id
  WHERE c.tenant = $1 AND c.environment_name = $2 ORDER BY md5(c.application) LIMIT $3`

const COUNT = `
  SELECT count(*)::int AS places, count(DISTINCT application)::int AS applications,
    (count(DISTINCT application) FILTER (WHERE environment_name = ANY ($2)))::int AS compared
  FROM deployment_current WHERE tenant = $1`

import { eventTypes } from '#libs/contracts'
import { hasLabelsSql, labelValues } from '../../deployment/label/labels.js'
import { statement, type Query } from '#libs/postgres'
import { everRecorded } from '../../deployment/record/versions.js'
import type { ChangesRequest } from './periods.js'
import { firstMentions, versionsOf, type Facts, type TrailEvent, type Version } from '../known/version.js'

export interface KnownRequest extends Pick<ChangesRequest, 'tenant' | 'application' | 'label' | 'since'> {
  /** The requested environments. */
  environments: string[]
  /** The pipeline's first one, and whether its deployments matter. */
  origin: string
  withOrigin: boolean
  /** Only deployments with events since then. */
  onlyChanged: boolean
  withCommits: boolean
}

/** A deployment: its last version if all of it was known before, else all of its versions. */
export interface Known {
  /** The tenant and application of its metrics. */
  application: string
  id: string
  recordedSeq: number
  isCounted: boolean
  /** `deployment` is set by the caller. */
  versions: Version[]
}

/** The environments of which deployments are loaded. */
export function loadedEnvironments({
  environments,
  origin,
  withOrigin,
}: Pick<KnownRequest, 'environments' | 'origin' | 'withOrigin'>): string[] {
  return withOrigin ? [...new Set([...environments, origin])] : environments
}

/** A load ends after the deployment that reaches this number of commits. */
const CHUNK_COMMITS = 20_000

/** The deployments of several applications in order of start and log. @param atOnce maximum number per load */
export async function* loadKnown(
  query: Query,
  request: KnownRequest,
  applications: readonly string[],
  atOnce: number,
): AsyncGenerator<Known[], void> {
  const { tenant, label, since } = request
  const environments = loadedEnvironments(request)
  for (let last: Row | undefined; ;) {
    const [one, ...others] = applications
    const ofApplications = others.length > 0 ? { applications } : { application: one }
    const text = chunkSql(request, { ofOne: others.length === 0, isContinued: last !== undefined })
    const lastStart = last && { lastStart: last.start / 1000, lastLogOrder: last.logOrder }
    const values = { tenant, since, ...ofApplications, environments, atOnce, ...labelValues(label), ...lastStart }
    const rows = await query<Row>(statement('known deployments', text, values))
    yield rows.map(row => knownOf(row, request))
    last = rows.at(-1)
    if (last === undefined || (Number(last.n) === Number(last.total) && rows.length < atOnce)) return
  }
}

function chunkSql(
  { onlyChanged, withCommits, label }: KnownRequest,
  { ofOne, isContinued }: { ofOne: boolean; isContinued: boolean },
): string {
  // The events of a deployment that has changed may have several lists of commits.
  const commits = withCommits
    ? `coalesce(json_array_length(commits), 0) + CASE WHEN version > 1 AND known_from > $since::timestamptz THEN recorded_bytes / 64 ELSE 0 END`
    : '0'
  const labels = hasLabelsSql('h', label).join(' AND ') || 'true'
  return `
    SELECT application, ${factsSql(withCommits)}, ${labels} AS "isCounted", n, total FROM (
      SELECT *, count(*) OVER () AS total, row_number() OVER w AS n, sum(${commits}) OVER w - (${commits}) AS commits_before FROM (
        SELECT * FROM ${everRecorded} h
        -- planner: one application is in index order; several have no more deployments than one chunk.
        WHERE tenant = $tenant AND application = ${ofOne ? '$application' : 'ANY ($applications)'} AND environment_name = ANY ($environments)
          ${isContinued ? 'AND (deployed_at, log_order) > (to_timestamp($lastStart::float8)::timestamptz(3), $lastLogOrder)' : ''}
          AND ${onlyChanged ? 'known_from > $since::timestamptz' : NOT_VOIDED_BEFORE}
        ORDER BY deployed_at, log_order LIMIT $atOnce::integer
      ) h WINDOW w AS (ORDER BY deployed_at, log_order)
    ) h WHERE commits_before < ${CHUNK_COMMITS} ORDER BY n`
}

/** SQL: a condition on a row of `everRecorded`: one that was voided before `$since` counts at no time since. */
export const NOT_VOIDED_BEFORE = '(voided_at IS NULL OR known_from > $since::timestamptz)'

interface Row {
  application: string
  isCounted: boolean
  id: string
  environment: string
  partition: number
  recordedSeq: number
  logOrder: string
  lastSeq: number
  version: number
  knownMs: number
  tag: string
  status: Facts['status']
  succeeded: boolean
  start: number
  finish: number
  completed: boolean
  rolledBack: number | null
  removed: number | null
  rollbackOf: string | null
  unplanned: boolean | null
  commits: [sha: string, committedMs: number][] | null
  gitCommit: string | null
  events: TrailEvent[] | null
  n: string
  total: string
}

/** SQL: members of a row `h` of deployment_history; with its events if it was changed after `$since`. */
const factsSql = (withCommits: boolean): string => `
  h.deployment_id AS id, h.environment_name AS environment, h.partition, h.recorded_seq::float8 AS "recordedSeq",
  h.log_order::text AS "logOrder", h.last_seq::float8 AS "lastSeq", h.version, milliseconds(h.known_from) AS "knownMs", h.image_tag AS tag,
  h.status, h.succeeded, milliseconds(h.deployed_at) AS start, milliseconds(h.finished_at) AS finish,
  h.completed_at IS NOT NULL AS completed, milliseconds(h.rolled_back_at) AS "rolledBack",
  milliseconds(h.removed_at) AS removed, h.rollback_of AS "rollbackOf", h.unplanned,
  ${withCommits ? COMMITS : 'NULL'} AS commits, h.git_commit AS "gitCommit",
  CASE WHEN h.version > 1 AND h.known_from > $since::timestamptz THEN (
    SELECT json_agg(json_build_array(e.version, e.seq, milliseconds(e.recorded_at), e.type, ${dataSql(withCommits)}) ORDER BY e.version)
    FROM deployment_event e WHERE e.tenant = h.tenant AND e.deployment_id = h.deployment_id) END AS events`

const COMMITS = `(
    SELECT json_agg(json_build_array(value->>'sha', milliseconds((value->>'committedAt')::timestamptz(3))) ORDER BY ordinality)
    FROM json_array_elements(h.commits) WITH ORDINALITY)`

const { DeploymentRecorded, DeploymentCorrected } = eventTypes
const RECORDED = [
  'application',
  'environment',
  'imageTag',
  'status',
  'deployedAt',
  'completedAt',
  'rolledBackAt',
  'rollbackOf',
  'unplanned',
]

/** SQL: the data of an event `e` without long members that do not affect metrics. */
const dataSql = (withCommits: boolean): string => `CASE e.type
  WHEN '${DeploymentRecorded.ceType}' THEN json_strip_nulls(json_build_object('deploymentId', e.deployment_id, ${[
    ...RECORDED,
    ...(withCommits ? ['gitCommit', 'commits'] : []),
  ]
    .map(name => `'${name}', e.data->'${name}'`)
    .join(', ')}))
  WHEN '${DeploymentCorrected.ceType}' THEN json_build_object('deploymentId', e.deployment_id, 'corrections', (
    SELECT coalesce(json_agg(json_strip_nulls(json_build_object('field', c->'field', 'after', c->'after'))), '[]')
    FROM json_array_elements(e.data->'corrections') c
    WHERE c->>'field' NOT IN (${['notes', 'image', ...(withCommits ? [] : ['gitCommit', 'commits'])].map(name => `'${name}'`).join(', ')})))
  ELSE e.data END`

function knownOf(row: Row, { environments, origin }: KnownRequest): Known {
  const { application, id, recordedSeq, isCounted, environment, partition } = row
  const here = environments.includes(environment)
  const isOrigin = environment === origin
  if (row.events) {
    const versions = versionsOf(row.events, { environment, here, origin: isOrigin, partition })
    return { application, id, recordedSeq, isCounted, versions }
  }
  const facts: Facts = {
    environment,
    here,
    origin: isOrigin,
    tag: row.tag,
    status: row.status,
    succeeded: row.succeeded,
    start: row.start,
    finish: row.finish,
    completed: row.completed,
    rolledBack: row.rolledBack ?? undefined,
    removed: row.removed ?? undefined,
    rollbackOf: row.rollbackOf ?? undefined,
    unplanned: row.unplanned ?? false,
    commits: firstMentions(row.commits ?? []),
    gitCommit: row.gitCommit ?? undefined,
  }
  const { knownMs, lastSeq: seq, version } = row
  return {
    application,
    id,
    recordedSeq,
    isCounted,
    versions: [{ deployment: -1, facts, knownMs, partition, seq, version }],
  }
}

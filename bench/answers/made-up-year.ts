import { zipfBounds } from '../harness/load/seeded.js'

const TENANTS = 20
const DAYS = 365

/** A year of deployments, equal for equal numbers of them. */
export const year = {
  from: '2025-01-01T00:00:00Z',
  to: '2026-01-01T00:00:00Z',
  days: DAYS,
  /** The tenant with the most deployments; the n-th one has an n-th of its applications. */
  tenant: 'tenant-1',
  applications: 1000,
  source: 'staging',
  target: 'production',
}

/** Deployments of a release: to dev, to staging, mostly to production, and once more somewhere. */
const DEPLOYMENTS_OF_A_RELEASE = 4

/** Size of an event's data. */
export const EVENT_BYTES = 500

/** Number of releases for a number of deployments. */
export function releasesOf(rows: number): number {
  return Math.ceil(rows / DEPLOYMENTS_OF_A_RELEASE)
}

// The hash of a number replaces chance: the same in every run.
const chance = (n: string, of: number) => `((hashint8extended(${n}, ${of}) & 16777215) / 16777216.0)::float8`
const seconds = (count: string) => `floor(${count}) * interval '1 second'`
/** The time of a release; they are evenly distributed over the year. @param $1 number of releases */
const madeAt = (release: string) =>
  `('${year.from}'::timestamptz + ${release} * ${DAYS * 86_400}::bigint / $1::bigint * interval '1 second')`
const sha = (name: string, release: string) =>
  `md5('${name} ' || ${release}) || substr(md5(${release}::text || '${name}'), 1, 8)`

const thresholds = zipfBounds(TENANTS).slice(0, -1).join(', ')

/**
 * Releases, each with the previous one of its application, and the application's pace: seconds between two of them, at most a day. Tenants,
 * and the applications of each, are distributed by Zipf's law.
 */
export const makeReleases = (count: number): string => `
  CREATE UNLOGGED TABLE made_up_release AS
  SELECT r, 'tenant-' || t AS tenant, application, abs(hashtext(t || application)) % 12 AS partition,
    lag(r) OVER (PARTITION BY t, application ORDER BY r) AS previous,
    least(86400, ${DAYS * 86_400}.0 / count(*) OVER (PARTITION BY t, application))::float8 AS pace
  FROM (
    SELECT r, t, 'application-' || 1 + floor(${year.applications}.0 / t * ${chance('r', 2)} ^ 2) AS application
    FROM generate_series(0, ${count} - 1::bigint) AS r
    CROSS JOIN LATERAL (SELECT 1 + width_bucket(${chance('r', 1)}, ARRAY[${thresholds}]::float8[]) AS t) of_tenant
  ) AS made`

/** History of the releases from `$2` to before `$3`, of `$1`; equal to the projector's, except for `inferred_rollback_of`. */
export const FILL_HISTORY = `
  WITH deployment AS (
    SELECT r.tenant, r.application, r.partition, r.pace, placed.*, ${DEPLOYMENTS_OF_A_RELEASE} * r.r + slot AS n
    FROM made_up_release r
    CROSS JOIN LATERAL (
      SELECT ${madeAt('r.r')} AS made, ${chance('r.r', 3)} < 0.7 AS promoted, ${chance('r.r', 4)} AS once_more
    ) AS drawn
    CROSS JOIN LATERAL (
      SELECT promoted AND previous IS NOT NULL AND once_more < 0.15 AS back,
        made + ${seconds(`pace * (0.02 + 0.1 * ${chance('r.r', 5)})`)} AS staged
    ) AS fate
    CROSS JOIN LATERAL (SELECT staged + ${seconds(`pace * (0.05 + 0.5 * ${chance('r.r', 6)})`)} AS arrived) AS production
    CROSS JOIN LATERAL (VALUES
      (0, 'dev', r.r, made, NULL),
      (1, 'staging', r.r, staged, NULL),
      (2, CASE WHEN promoted THEN 'production' ELSE 'dev' END, r.r, arrived, NULL),
      (3, CASE WHEN back THEN 'production' WHEN once_more < 0.5 THEN 'staging' ELSE 'dev' END,
        CASE WHEN back THEN previous ELSE r.r END, arrived + ${seconds(`pace * (0.02 + 0.2 * ${chance('r.r', 7)})`)},
        CASE WHEN back AND once_more < 0.03 THEN ${DEPLOYMENTS_OF_A_RELEASE} * r.r + 2 END)
    ) AS placed (slot, environment, shipped, started, undone)
    WHERE r.r >= $2 AND r.r < $3
  ), told AS (
    SELECT deployment.*, ${chance('n', 8)} AS fate, ${chance('shipped', 9)} AS source,
      CASE WHEN ${chance('n', 8)} >= 0.002 AND ${chance('n', 10)} >= 0.1
        THEN started + ${seconds(`10 + least(600, pace / 10) * ${chance('n', 11)}`)} END AS completed
    FROM deployment
  ), ended AS (
    SELECT told.*, coalesce(completed, started) AS finished, 2 * n + 1 AS seq,
      CASE WHEN fate < 0.002 THEN 'PENDING' WHEN fate < 0.052 THEN 'FAILED' WHEN fate < 0.08 THEN 'ROLLED_BACK'
        ELSE 'DEPLOYED' END AS status,
      CASE WHEN fate >= 0.055 AND fate < 0.08
        THEN coalesce(completed, started) + ${seconds(`10 + pace / 4 * ${chance('n', 12)}`)} END AS rolled_back
    FROM told
  )
  INSERT INTO deployment_history
    (tenant, deployment_id, application, environment, environment_name, image_tag, git_commit, git_branch, status, succeeded,
     deployed_at, completed_at, finished_at, rolled_back_at, rollback_of, actor, commits, unplanned, correlation_id, recorded_at,
     partition, recorded_seq, log_order, last_seq, version, recorded_bytes, known_from)
  SELECT tenant, md5('deployment ' || n)::uuid, application, environment, environment, 'v' || shipped,
    CASE WHEN source < 0.5 THEN ${sha('commit', 'shipped')} END, 'main', status, status IN ('DEPLOYED', 'ROLLED_BACK'),
    started, completed, finished, rolled_back, md5('deployment ' || undone)::uuid, 'engineer-' || n % 97,
    CASE WHEN source < 0.25 THEN format('[{"sha":"%s","committedAt":"%s"},{"sha":"%s","committedAt":"%s"}]',
      ${sha('commit', 'shipped')}, instant(${madeAt('shipped')} - interval '20 minutes'),
      ${sha('earlier', 'shipped')}, instant(${madeAt('shipped')} - ${seconds(`3600 + 250000 * ${chance('shipped', 13)}`)})
    )::json END,
    CASE WHEN ${chance('n', 14)} < 0.04 THEN true END, 'run-' || n, finished,
    partition, seq, ((4095 - partition)::bigint << 50) + seq, CASE WHEN rolled_back IS NULL THEN seq ELSE seq + 1 END,
    CASE WHEN rolled_back IS NULL THEN 1 ELSE 2 END, CASE WHEN rolled_back IS NULL THEN 1 ELSE 2 END * ${EVENT_BYTES},
    coalesce(rolled_back, finished)
  FROM ended`
